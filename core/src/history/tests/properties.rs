//! What holds for any records in any order.

use proptest::prelude::*;

use super::*;

impl Page {
    /// The page that shows all of a history.
    fn of(history: &TaskHistory) -> Self {
        let mut page = Page::default();
        for row in history.view().rows {
            page.place(&row.parent.clone(), row.key.clone(), &None);
            page.rows.insert(row.key.clone(), row);
        }
        page
    }

    /// Does what the patches say, which must lead to what the history shows now, with as few of each as can be.
    fn patch_minimally(&mut self, changes: &Changes, history: &TaskHistory) {
        let (before, after) = (self.rows(), history.view().rows);
        self.patch(&changes.patches);
        assert_eq!(self.rows(), after);
        assert_eq!(
            counted(&changes.patches),
            fewest(&before, &after),
            "removes, inserts, updates, moves"
        );
    }
}

fn entry(record: &Value) -> Entry {
    Entry::from_json(&record.to_string()).unwrap()
}

/// Records of a small world, so that they meet often: few times, items, runs and workspaces.
pub(super) fn records() -> impl Strategy<Value = Vec<Value>> {
    let kind = prop::sample::select(vec![
        "task.started",
        "task.started",
        "task.progress",
        "task.failed",
        "task.completed",
        "phase.started",
        "phase.completed",
        "orchestration.progress",
        "project.completed",
        "widget.created",
        "event.posted",
        "audit.gap",
    ]);
    let one = (
        kind,
        0..12_i64,
        0..3_u64,
        1..3_u64,
        1..3_u64,
        0..4_u8,
        0..3_u8,
        any::<bool>(),
    );
    prop::collection::vec(one, 0..40).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(index, (kind, at, run, phase, item, agent, workspace, http))| {
                let mut record = event(&format!("id-{index}"), at * MINUTE, kind, json!({
                    "phase_number": phase, "work_item_id": format!("{phase}.{item}"), "agent_id": format!("agent-{agent}"),
                    "metadata": { "workItemTitle": format!("T{index}"), "totalItems": item + 1, "completedItems": item, "phaseName": format!("P{index}") },
                }));
                record["run_id"] = if run == 0 { Value::Null } else { json!(format!("run-{run}")) };
                record["workspace_id"] = json!(if workspace == 0 { "ws_b" } else { "ws_a" });
                if agent == 0 {
                    record["origin_workspace_id"] = json!("ws_c");
                }
                if http || ["widget.created", "event.posted", "audit.gap"].contains(&kind) {
                    record["channel"] = json!("http");
                    record["work_item_id"] = Value::Null;
                    record["response_status"] = json!(400);
                }
                record
            })
            .collect()
    })
}

pub(super) fn filters() -> impl Strategy<Value = Filter> {
    let status = prop::collection::vec(
        prop::sample::select(vec![
            Status::Started,
            Status::Progress,
            Status::Failed,
            Status::Completed,
            Status::Stalled,
        ]),
        0..3,
    );
    let maybe = |range: std::ops::Range<u64>| prop::option::weighted(0.3, range);
    (
        maybe(42..44),
        maybe(1..3),
        status,
        prop::option::weighted(0.3, 1..10_i64),
        maybe(0..4),
        prop::option::weighted(0.2, "T[0-9]"),
        prop::option::weighted(0.2, prop::sample::select(vec!["ws_a", "ws_b", "ws_c"])),
    )
        .prop_map(|(project, phase, status, within, agent, text, workspace)| Filter {
            workspace: workspace.map(str::to_owned),
            project,
            phase,
            status,
            within_ms: within.map(|minutes| minutes * MINUTE),
            agent: agent.map(|agent| format!("agent-{agent}")),
            text,
            ..Filter::default()
        })
}

/// Whose records, in which tree, and how many of them.
pub(super) fn options() -> impl Strategy<Value = Options> {
    let workspaces = prop::sample::select(vec![vec!["ws_a"], vec!["ws_a", "ws_c"], vec![]]);
    (workspaces, any::<bool>(), 1..45_usize, 0..20_usize).prop_map(|(workspaces, by_workspace, capacity, older)| {
        Options {
            workspaces: workspaces.into_iter().map(str::to_owned).collect(),
            by_workspace,
            capacity,
            older_capacity: older,
            ..Options::default()
        }
    })
}

/// How many siblings need not move: the longest chain of them that is in the same order before and after.
fn in_order(before: &[Arc<str>], after: &[Arc<str>]) -> usize {
    let places: Vec<usize> = after
        .iter()
        .filter_map(|key| before.iter().position(|other| other == key))
        .collect();
    let mut chains: Vec<usize> = Vec::new();
    for (at, place) in places.iter().enumerate() {
        let longest = (0..at)
            .filter(|other| places[*other] < *place)
            .map(|other| chains[other])
            .max();
        chains.push(longest.unwrap_or(0) + 1);
    }
    chains.into_iter().max().unwrap_or(0)
}

/// Siblings by parent, in order.
fn families(rows: &[Row]) -> HashMap<Arc<str>, Vec<Arc<str>>> {
    let mut families: HashMap<Arc<str>, Vec<Arc<str>>> = HashMap::new();
    for row in rows {
        families.entry(row.parent.clone()).or_default().push(row.key.clone());
    }
    families
}

/// The fewest patches of each kind that lead from one list of rows to another: removes, inserts, updates, moves.
fn fewest(before: &[Row], after: &[Row]) -> [usize; 4] {
    let by_key =
        |rows: &[Row]| -> HashMap<Arc<str>, Row> { rows.iter().map(|row| (row.key.clone(), row.clone())).collect() };
    let (old, new) = (by_key(before), by_key(after));
    let (old_families, new_families) = (families(before), families(after));
    let moves = new_families.iter().map(|(parent, siblings)| {
        let before = old_families.get(parent).map(Vec::as_slice).unwrap_or_default();
        let both = siblings.iter().filter(|key| before.contains(key)).count();
        both - in_order(before, siblings)
    });
    [
        old.keys().filter(|key| !new.contains_key(*key)).count(),
        new.keys().filter(|key| !old.contains_key(*key)).count(),
        new.values()
            .filter(|row| old.get(&row.key).is_some_and(|old| old.content != row.content))
            .count(),
        moves.sum(),
    ]
}

fn counted(patches: &[Patch]) -> [usize; 4] {
    let mut counts = [0; 4];
    for patch in patches {
        counts[match patch {
            Patch::Remove { .. } => 0,
            Patch::Insert { .. } => 1,
            Patch::Update { .. } => 2,
            Patch::Move { .. } => 3,
        }] += 1;
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 3_000 }))]

    /// Any order, any duplication, any split, any moment of filtering, ticking, paging and restoring ends in the same view. At each
    /// step the patches lead from the old view to exactly the new one, and no fewer would do.
    #[test]
    fn the_view_is_a_pure_function_of_what_is_kept(
        records in records(),
        shuffled in prop::collection::vec((any::<prop::sample::Index>(), 1..6_usize), 0..80),
        filter in filters(),
        options in options(),
        now in 0..20_i64,
    ) {
        let now = now * MINUTE;
        let mut straight = TaskHistory::new(options.clone());
        straight.set_filter(filter.clone(), T0);
        apply(&mut straight, &records, now);

        let mut crooked = TaskHistory::new(options.clone());
        let mut page = Page::default();
        let mut order: Vec<Value> = Vec::new();
        if !records.is_empty() {
            order.extend(shuffled.iter().map(|(index, _)| index.get(&records).clone()));
        }
        order.extend(records.iter().rev().cloned());
        let mut sizes = shuffled.iter().map(|(_, size)| *size).cycle();
        let mut rest = order.as_slice();
        let mut step = 0;
        while !rest.is_empty() {
            let size = sizes.next().unwrap_or(3).min(rest.len());
            let (batch, tail) = rest.split_at(size);
            rest = tail;
            step += 1;
            let at = T0 + step * MINUTE;
            // As the API pages: what is older than all that is held, in one piece.
            let oldest = crooked.cursor().oldest.map(|mark| mark.timestamp);
            let older: Vec<Entry> = records.iter().map(entry).filter(|entry| oldest.is_some_and(|oldest| entry.timestamp < oldest)).collect();
            if size == 2 {
                page.patch_minimally(&crooked.page_in(older, at), &crooked);
            }
            if size == 3 {
                page.patch_minimally(&crooked.page_out(at), &crooked);
            }
            if size == 4 {
                // A page that is opened anew, from what was saved.
                let saved = crooked.save_json();
                let mut restored = TaskHistory::new(options.clone());
                restored.restore_json(&saved, at).unwrap();
                crooked.tick(at);
                prop_assert_eq!(restored.view(), crooked.view());
                prop_assert_eq!(restored.save_json(), saved);
                prop_assert_eq!(restored.cursor(), crooked.cursor());
                page = Page::of(&crooked);
                crooked = restored;
            }
            page.patch_minimally(&apply(&mut crooked, batch, step * MINUTE), &crooked);
            if step == 3 {
                let changes = crooked.set_filter(filter.clone(), at);
                page.patch_minimally(&changes, &crooked);
            }
        }
        page.patch_minimally(&crooked.page_out(T0 + now), &crooked);
        page.patch_minimally(&crooked.set_filter(filter, T0 + now), &crooked);
        prop_assert_eq!(straight.view(), crooked.view());
        prop_assert_eq!(straight.cursor(), crooked.cursor());
    }

    /// What was paged in is shown as if there had been room for it from the start.
    #[test]
    fn pages_of_older_records_are_shown_as_the_rest(records in records(), capacity in 1..20_usize, size in 1..9_usize) {
        let options = Options { capacity, older_capacity: 1_000, ..Options::default() };
        let mut entries: Vec<Entry> = records.iter().map(entry).collect();
        entries.sort_by_key(|entry| (entry.timestamp, entry.audit_id.clone()));
        let mut paged = TaskHistory::new(options.clone());
        paged.apply(entries.clone(), T0);
        let newest = paged.view();
        let older = entries.len().saturating_sub(capacity);
        let mut page = Page::of(&paged);
        for older_page in entries[..older].rchunks(size) {
            page.patch_minimally(&paged.page_in(older_page.to_vec(), T0), &paged);
        }
        let mut roomy = TaskHistory::new(Options { capacity: 1_000, ..options });
        roomy.apply(entries, T0);
        prop_assert_eq!(&paged.view().rows, &roomy.view().rows);
        prop_assert_eq!((paged.view().summary.older, paged.view().summary.counts), (older, roomy.view().summary.counts));
        page.patch_minimally(&paged.page_out(T0), &paged);
        prop_assert_eq!(paged.view(), newest);
    }

    /// Against a naive reading: sort what is kept and let the last word of each item stand.
    #[test]
    fn items_agree_with_a_naive_re_sort(records in records(), capacity in 1..45_usize) {
        let mut history = TaskHistory::new(Options { capacity, ..Options::workspace("ws_a") });
        apply(&mut history, &records, 0);
        let text = |record: &Value, field: &str| record[field].as_str().unwrap_or_default().to_owned();
        let mut kept: Vec<&Value> = records.iter().filter(|record| record["workspace_id"] == "ws_a" || record["operation_type"] == "audit.gap").collect();
        kept.sort_by_key(|record| (text(record, "timestamp"), text(record, "audit_id")));
        let kept = &kept[kept.len().saturating_sub(capacity)..];
        let rank = |record: &Value| ["task.started", "task.progress", "task.failed", "task.completed"].iter().position(|kind| record["operation_type"] == *kind);
        let mut events: Vec<(&&Value, usize)> = kept.iter().filter(|record| record["channel"] == "agent").filter_map(|record| Some((record, rank(record)?))).collect();
        events.sort_by_key(|(record, rank)| (text(record, "timestamp"), *rank, text(record, "audit_id")));
        let mut items: HashMap<(String, String), (Status, u32)> = HashMap::new();
        for (record, rank) in events {
            let item = items.entry((text(record, "run_id"), text(record, "work_item_id"))).or_insert((Status::Progress, 0));
            match rank {
                0 => *item = (Status::Started, item.1 + 1),
                1 if item.0.is_terminal() => {}
                1 => item.0 = Status::Progress,
                2 => item.0 = Status::Failed,
                _ => item.0 = Status::Completed,
            }
        }
        let view = history.view();
        let seen: HashMap<(String, String), (Status, u32)> =
            view.items().map(|item| ((item.run_id.clone().unwrap_or_default(), item.item_id.clone()), (item.status, item.attempts))).collect();
        prop_assert_eq!(seen, items);
    }

    /// No text at all makes it fail in any other way than by an error.
    #[test]
    fn any_text_is_survived(text in ".{0,200}") {
        let mut history = history();
        let _ = history.apply_json(&text, 0);
        let _ = history.apply_json(&format!("[{text}]"), 0);
        let _ = history.set_filter_json(&text, 0);
    }
}
