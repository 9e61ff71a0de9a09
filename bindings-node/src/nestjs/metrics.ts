import type { Histogram, Stats, Trail } from '@tasktrail/node';

/** As much of a registry of `prom-client` as is used here. */
export interface MetricsRegistry {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- prom-client's own type is of one of its releases
  registerMetric(metric: any): void;
  removeSingleMetric(name: string): void;
}

interface Sample {
  value: number;
  labels: Record<string, string | number>;
  metricName?: string;
}

interface Family {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  read(stats: Stats): Sample[];
}

const one = (value: number): Sample[] => [{ value, labels: {} }];

/** A value that may not be known. */
const known = (value: number | null | undefined): Sample[] => (value == null ? [] : one(value));

const each = (label: string, values: Record<string, number>): Sample[] =>
  Object.entries(values).map(([name, value]) => ({ value, labels: { [label]: snake(name) } }));

/** A histogram of the trail's, whose bounds are of another unit by `scale`. */
const histogram =
  (name: string, read: (stats: Stats) => Histogram, scale = 1) =>
  (stats: Stats): Sample[] => {
    const { bounds, counts, sum } = read(stats);
    let count = 0;
    const buckets = counts.map((more, at): Sample => {
      const bound = bounds[at];
      count += more;
      return {
        metricName: `${name}_bucket`,
        value: count,
        labels: { le: bound === undefined ? '+Inf' : bound * scale },
      };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, value: sum * scale, labels: {} },
      { metricName: `${name}_count`, value: count, labels: {} },
    ];
  };

const SECONDS = 1 / 1_000;

/** What `trail.stats()` says, by the names and units that Prometheus recommends. */
const FAMILIES: Family[] = [
  {
    name: 'tasktrail_records_total',
    help: 'Records by what became of them',
    type: 'counter',
    read: ({ seen, adopted, stored, deadLettered }) => each('fate', { seen, adopted, stored, deadLettered }),
  },
  {
    name: 'tasktrail_records_dropped_total',
    help: 'Records lost, by reason',
    type: 'counter',
    read: ({ dropped }) => each('reason', { ...dropped }),
  },
  {
    name: 'tasktrail_records_skipped_total',
    help: 'Records left out on purpose, by reason',
    type: 'counter',
    read: ({ skipped }) => each('reason', { ...skipped }),
  },
  {
    name: 'tasktrail_records_waiting',
    help: 'Records that wait for the store, by where they are',
    type: 'gauge',
    read: ({ queued, inFlight, spooled }) => each('place', { queued, inFlight, spooled }),
  },
  {
    name: 'tasktrail_waiting_bytes',
    help: 'Bytes of the records that wait, by where they are',
    type: 'gauge',
    read: ({ metrics }) => each('place', { queued: metrics.queuedBytes, spooled: metrics.spooledBytes }),
  },
  {
    name: 'tasktrail_duplicates_total',
    help: 'Records that the store held already',
    type: 'counter',
    read: ({ duplicates }) => one(duplicates),
  },
  {
    name: 'tasktrail_unknown_workspace_total',
    help: 'Records for which nobody said a workspace',
    type: 'counter',
    read: ({ unknownWorkspace }) => one(unknownWorkspace),
  },
  {
    name: 'tasktrail_workspace_coverage_ratio',
    help: 'Share of the records whose workspace is known',
    type: 'gauge',
    read: ({ workspaceCoverage }) => known(workspaceCoverage),
  },
  {
    name: 'tasktrail_store_up',
    help: 'Whether the store takes records',
    type: 'gauge',
    read: ({ store }) => one(store === 'open' ? 1 : 0),
  },
  {
    name: 'tasktrail_store_records',
    help: 'Records in the store, about',
    type: 'gauge',
    read: ({ size }) => known(size?.records),
  },
  {
    name: 'tasktrail_store_bytes',
    help: 'Bytes that the store takes, indexes included',
    type: 'gauge',
    read: ({ size }) => known(size?.bytes),
  },
  {
    name: 'tasktrail_store_index_bytes',
    help: "Bytes of the store's indexes",
    type: 'gauge',
    read: ({ size }) => known(size?.indexBytes),
  },
  {
    name: 'tasktrail_store_growth_bytes_per_day',
    help: 'Bytes a day by which the store has grown, over the last day at most',
    type: 'gauge',
    read: ({ size }) => known(size?.bytesPerDay),
  },
  {
    name: 'tasktrail_outages_total',
    help: 'Times that the store went away',
    type: 'counter',
    read: ({ metrics }) => one(metrics.outages),
  },
  {
    name: 'tasktrail_failed_inserts_total',
    help: 'Tries to bring a batch to the store that failed or took too long',
    type: 'counter',
    read: ({ metrics }) => one(metrics.failedInserts),
  },
  {
    name: 'tasktrail_spool_commits_total',
    help: 'Commits to the spool',
    type: 'counter',
    read: ({ metrics }) => one(metrics.spoolCommits),
  },
  {
    name: 'tasktrail_batch_records',
    help: 'Records of a batch for the store',
    type: 'histogram',
    read: histogram('tasktrail_batch_records', ({ metrics }) => metrics.batchSize),
  },
  {
    name: 'tasktrail_insert_seconds',
    help: 'Time that the store took for a batch',
    type: 'histogram',
    read: histogram('tasktrail_insert_seconds', ({ metrics }) => metrics.insertMs, SECONDS),
  },
  {
    name: 'tasktrail_lag_seconds',
    help: "Time from a record's arrival until it was stored",
    type: 'histogram',
    read: histogram('tasktrail_lag_seconds', ({ metrics }) => metrics.lagMs, SECONDS),
  },
];

/**
 * Makes a trail's stats metrics of a host's registry, read when that is scraped.
 *
 * @returns what takes them out again.
 */
export function registerMetrics(registry: MetricsRegistry, trail: Trail): () => void {
  for (const { name, help, type, read } of FAMILIES) {
    registry.registerMetric({
      name,
      help,
      type,
      aggregator: 'sum',
      labelNames: [],
      get: async () => ({ name, help, type, aggregator: 'sum', values: read(trail.stats()) }),
      // The counts are the trail's own.
      reset: () => {},
    });
  }
  return () => FAMILIES.forEach(({ name }) => registry.removeSingleMetric(name));
}

/** `queueFull` → `queue_full`. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
