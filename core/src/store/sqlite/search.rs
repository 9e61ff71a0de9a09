//! Queries as SQL. Only numbers of placeholders and fixed words enter the text, values are always bound.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Row, params, params_from_iter};
use uuid::Uuid;

use super::file::failed;
use crate::error::Result;
use crate::query::{Cursor, OperationFilter, Order, Page, Query, StoredRecord, TOTAL_CAP};
use crate::schema::Timestamp;
use crate::store::{self, Arrived, prefix_end};

/// A page that takes longer is given up, so that a filter without an index cannot hold a reader for ever.
const PAGE_DEADLINE: Duration = Duration::from_secs(10);
/// A total that takes longer is answered as a lower bound.
const COUNT_DEADLINE: Duration = Duration::from_secs(2);
/// Virtual machine steps between two looks at the clock.
const STEPS: i32 = 5_000;

struct Sql {
    text: String,
    values: Vec<Value>,
}

/// One page and its total, both of the same moment.
pub(super) fn page(connection: &mut Connection, path: &Path, query: &Query, now: Timestamp) -> Result<Page> {
    let deadline = Deadline::watch(connection);
    let outcome = deadline.and_then(|deadline| page_in_time(connection, &deadline, query, now));
    // The deadline must not hit the next question on this connection.
    let cleared = connection.progress_handler(0, None::<fn() -> bool>);
    let page = outcome.and_then(|page| cleared.map(|()| page));
    page.map_err(|error| failed(path, &error))
}

fn page_in_time(
    connection: &mut Connection,
    deadline: &Deadline,
    query: &Query,
    now: Timestamp,
) -> rusqlite::Result<Page> {
    let transaction = connection.transaction()?;
    deadline.set(PAGE_DEADLINE);
    let sql = page_sql(query, now);
    let mut statement = transaction.prepare_cached(&sql.text)?;
    let mut items = statement
        .query_map(params_from_iter(sql.values), stored)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let more = items.len() > query.limit as usize;
    items.truncate(query.limit as usize);

    if !query.counted {
        return Ok(store::page(query, items, more, None));
    }
    deadline.set(COUNT_DEADLINE);
    let sql = count_sql(query, now);
    let mut statement = transaction.prepare_cached(&sql.text)?;
    let total = match statement.query_row(params_from_iter(sql.values), |row| row.get::<_, i64>(0)) {
        Ok(counted) => Some(counted.unsigned_abs()),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => None,
        Err(error) => return Err(error),
    };
    Ok(store::page(query, items, more, total))
}

/// Interrupts what runs on a connection once its time is over.
struct Deadline {
    watching_since: Instant,
    millis: Arc<AtomicU64>,
}

impl Deadline {
    fn watch(connection: &mut Connection) -> rusqlite::Result<Self> {
        let deadline = Deadline {
            watching_since: Instant::now(),
            millis: Arc::new(AtomicU64::new(u64::MAX)),
        };
        let (since, millis) = (deadline.watching_since, Arc::clone(&deadline.millis));
        let is_over = move || since.elapsed().as_millis() > u128::from(millis.load(Ordering::Relaxed));
        connection.progress_handler(STEPS, Some(is_over))?;
        Ok(deadline)
    }

    fn set(&self, from_now: Duration) {
        let millis = (self.watching_since.elapsed() + from_now).as_millis();
        self.millis
            .store(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// What others than `not_from` have brought behind an arrival. The rows in between are passed over by their writer alone; how far was
/// looked is bounded, so that many records of one's own cost no more than a page.
pub(super) fn arrived(
    connection: &mut Connection,
    path: &Path,
    after: Option<u64>,
    not_from: &str,
    limit: u32,
) -> Result<Arrived> {
    let failed = |error| failed(path, &error);
    let transaction = connection.transaction().map_err(failed)?;
    let newest = transaction
        .query_row("SELECT coalesce(max(arrival), 0) FROM audit_history", [], |row| {
            row.get::<_, i64>(0)
        })
        .map_err(failed)?
        .unsigned_abs();
    let Some(after) = after else {
        return Ok(Arrived {
            newest,
            ..Arrived::default()
        });
    };
    let mut statement = transaction
        .prepare_cached(
            "SELECT arrival, audit_id, timestamp, doc FROM audit_history \
             WHERE arrival > ?1 AND arrival <= ?2 AND writer_id IS NOT ?3 ORDER BY arrival LIMIT ?4",
        )
        .map_err(failed)?;
    let (from, to) = (i64::try_from(after).unwrap_or(i64::MAX), newest.cast_signed());
    let rows = statement
        .query_map(params![from, to, not_from, i64::from(limit) + 1], stored)
        .map_err(failed)?;
    let mut records = rows.collect::<rusqlite::Result<Vec<_>>>().map_err(failed)?;
    let more = records.len() > limit as usize;
    records.truncate(limit as usize);
    let reached = if more {
        records.last().map_or(after, |last| last.arrival)
    } else {
        newest.max(after)
    };
    Ok(Arrived {
        records,
        newest: reached,
        more,
    })
}

/// One record by its id.
pub(super) fn one(
    connection: &Connection,
    path: &Path,
    audit_id: Uuid,
    now: Timestamp,
) -> Result<Option<StoredRecord>> {
    connection
        .prepare_cached(
            "SELECT arrival, audit_id, timestamp, doc FROM audit_history \
             WHERE audit_id = ?1 AND (expires_at IS NULL OR expires_at > ?2)",
        )
        .and_then(|mut statement| {
            statement
                .query_row(params![audit_id.as_bytes(), now.millis()], stored)
                .optional()
        })
        .map_err(|error| failed(path, &error))
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredRecord> {
    Ok(StoredRecord {
        arrival: row.get::<_, i64>(0)?.unsigned_abs(),
        audit_id: Uuid::from_bytes(row.get(1)?),
        timestamp: Timestamp::from_millis(row.get(2)?),
        json: row.get(3)?,
    })
}

fn page_sql(query: &Query, now: Timestamp) -> Sql {
    let by_arrival = matches!(query.cursor, Some(Cursor::Arrival { .. }));
    let mut select = Select::new(query, now, by_arrival);
    let order = match (query.cursor, query.order) {
        (Some(Cursor::Arrival { arrival, .. }), _) => {
            // Beyond the largest number that a store assigns there is nothing.
            let arrival = select.bind(i64::try_from(arrival).unwrap_or(i64::MAX));
            select.narrow(&format!("arrival > {arrival}"));
            "arrival"
        }
        (cursor, order) => {
            let (beyond, words) = match order {
                Order::Descending => ("<", "timestamp DESC, audit_id DESC"),
                Order::Ascending => (">", "timestamp, audit_id"),
            };
            if let Some(Cursor::Keyset { timestamp, audit_id }) = cursor {
                let timestamp = select.bind(timestamp.millis());
                let audit_id = select.bind(audit_id.as_bytes().to_vec());
                select.narrow(&format!("(timestamp, audit_id) {beyond} ({timestamp}, {audit_id})"));
            }
            words
        }
    };
    // One more than asked for tells whether there is a next page.
    let limit = select.bind(i64::from(query.limit) + 1);
    let offset = select.bind(i64::try_from(query.offset).unwrap_or(i64::MAX));
    let text = format!(
        "{} ORDER BY {order} LIMIT {limit} OFFSET {offset}",
        select.text("arrival, audit_id, timestamp, doc")
    );
    Sql {
        text,
        values: select.values,
    }
}

fn count_sql(query: &Query, now: Timestamp) -> Sql {
    let mut select = Select::new(query, now, false);
    let cap = select.bind(TOTAL_CAP.cast_signed() + 1);
    let text = format!("SELECT count(*) FROM ({} LIMIT {cap})", select.text("1"));
    Sql {
        text,
        values: select.values,
    }
}

/// The conditions of a query.
///
/// Exactly one filter leads, by an index that also holds the page's order. A plus sign before the columns of the others
/// keeps their indexes out: without statistics SQLite would pick any, and sort what a whole workspace or project holds.
struct Select {
    values: Vec<Value>,
    conditions: String,
    /// One SELECT for each; two where a workspace leads.
    scopes: Vec<String>,
}

impl Select {
    fn new(query: &Query, now: Timestamp, by_arrival: bool) -> Self {
        let mut select = Select {
            values: Vec::new(),
            conditions: String::new(),
            scopes: vec![String::new()],
        };
        let now = select.bind(now.millis());
        // An index that ends in the expiry answers this without the row.
        let _ = write!(select.conditions, "(expires_at IS NULL OR expires_at > {now})");

        // From the narrowest to the widest.
        let project = query
            .project_number
            .map(|number| Value::from(i64::try_from(number).unwrap_or(-1)));
        let text = |wanted: &Option<String>| wanted.clone().map(Value::from);
        let indexed = [
            ("task_id", text(&query.task_id)),
            ("run_id", text(&query.run_id)),
            ("session_id", text(&query.session_id)),
            // A number that no row can hold matches nothing.
            ("project_number", project),
        ];
        let mut led = by_arrival;
        for (column, wanted) in indexed {
            if let Some(wanted) = wanted {
                let wanted = select.bind(wanted);
                let sign = if std::mem::replace(&mut led, true) { "+" } else { "" };
                select.narrow(&format!("{sign}{column} = {wanted}"));
            }
        }
        if let Some(workspace_id) = &query.workspace_id {
            let workspace = select.bind(workspace_id.clone());
            if led && !by_arrival {
                select.narrow(&format!(
                    "(+workspace_id = {workspace} OR +origin_workspace_id = {workspace})"
                ));
            } else {
                // An OR would need a sort; two ordered ranges are merged.
                select.scopes = vec![
                    format!("workspace_id = {workspace} AND "),
                    format!("origin_workspace_id = {workspace} AND "),
                ];
            }
        }
        let outcome = query.outcome.map(|outcome| outcome.as_str().to_owned());
        for (column, wanted) in [("actor", &query.actor), ("outcome", &outcome)] {
            if let Some(wanted) = wanted {
                let wanted = select.bind(wanted.clone());
                select.narrow(&format!("{column} = {wanted}"));
            }
        }
        let sign = if by_arrival { "+" } else { "" };
        for (operator, bound) in [(">=", query.start_time), ("<", query.end_time)] {
            if let Some(bound) = bound {
                let bound = select.bind(bound.millis());
                select.narrow(&format!("{sign}timestamp {operator} {bound}"));
            }
        }
        if !query.operation_types.is_empty() {
            let any: Vec<String> = query
                .operation_types
                .iter()
                .map(|filter| select.operation(filter))
                .collect();
            select.narrow(&format!("({})", any.join(" OR ")));
        }
        select
    }

    fn operation(&mut self, filter: &OperationFilter) -> String {
        match filter {
            OperationFilter::Exact(exact) => format!("operation_type = {}", self.bind(exact.clone())),
            // A range rather than a pattern: no character in it means anything.
            OperationFilter::Prefix(prefix) => {
                let from = format!("operation_type >= {}", self.bind(prefix.clone()));
                match prefix_end(prefix) {
                    Some(end) => format!("({from} AND operation_type < {})", self.bind(end)),
                    None => from,
                }
            }
        }
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    fn narrow(&mut self, condition: &str) {
        let _ = write!(self.conditions, " AND {condition}");
    }

    fn text(&self, columns: &str) -> String {
        let parts: Vec<String> = self
            .scopes
            .iter()
            .map(|scope| format!("SELECT {columns} FROM audit_history WHERE {scope}{}", self.conditions))
            .collect();
        parts.join(" UNION ALL ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::file::open_for_writing;

    fn plan(connection: &Connection, sql: Sql) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.text)).unwrap();
        let lines = statement
            .query_map(params_from_iter(sql.values), |row| row.get::<_, String>(3))
            .unwrap();
        lines.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn pages_and_totals_are_read_from_an_index_without_a_sort() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let connection = open_for_writing(&path, &path).unwrap();
        let text = || Some("x".to_owned());
        let some = Timestamp::from_millis(5);
        let questions = [
            ("by_time", Query::default()),
            (
                "by_workspace",
                Query {
                    workspace_id: text(),
                    ..Query::default()
                },
            ),
            (
                "by_project",
                Query {
                    project_number: Some(4),
                    ..Query::default()
                },
            ),
            (
                "by_run",
                Query {
                    run_id: text(),
                    ..Query::default()
                },
            ),
            (
                "by_task",
                Query {
                    task_id: text(),
                    ..Query::default()
                },
            ),
            (
                "by_session",
                Query {
                    session_id: text(),
                    ..Query::default()
                },
            ),
        ];
        for (index, question) in questions {
            for order in [Order::Ascending, Order::Descending] {
                for cursor in [
                    None,
                    Some(Cursor::Keyset {
                        timestamp: some,
                        audit_id: Uuid::nil(),
                    }),
                ] {
                    for (start_time, end_time) in [(None, None), (Some(some), Some(some))] {
                        let query = Query {
                            order,
                            cursor,
                            start_time,
                            end_time,
                            ..question.clone()
                        };
                        let plan = plan(&connection, page_sql(&query, some));
                        assert!(plan.contains(&format!("INDEX {index}")), "{query:?}\n{plan}");
                        assert!(!plan.contains("TEMP B-TREE"), "{query:?}\n{plan}");
                        if query.workspace_id.is_some() {
                            assert!(plan.contains("INDEX by_origin"), "{plan}");
                        }
                    }
                }
            }
            let plan = plan(&connection, count_sql(&question, some));
            assert!(
                plan.contains(&format!("COVERING INDEX {index}")),
                "{question:?}\n{plan}"
            );
        }
    }

    #[test]
    fn following_by_arrival_needs_no_sort() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let connection = open_for_writing(&path, &path).unwrap();
        let after = Cursor::after(7);
        let all = plan(
            &connection,
            page_sql(&Query::default().cursor(after), Timestamp::default()),
        );
        assert!(
            all.contains("USING INTEGER PRIMARY KEY (rowid>?)") && !all.contains("TEMP"),
            "{all}"
        );
        let workspace = plan(
            &connection,
            page_sql(&Query::workspace("x").cursor(after), Timestamp::default()),
        );
        assert!(
            workspace.contains("INDEX by_workspace_arrival (workspace_id=? AND arrival>?)"),
            "{workspace}"
        );
        assert!(workspace.contains("INDEX by_origin_arrival"), "{workspace}");
        assert!(!workspace.contains("TEMP"), "{workspace}");
        let some = Some(Timestamp::default());
        let filtered = Query {
            run_id: Some("x".into()),
            start_time: some,
            ..Query::project(4)
        };
        let filtered = plan(&connection, page_sql(&filtered.cursor(after), Timestamp::default()));
        assert_eq!(filtered, all);
    }

    #[test]
    fn the_narrowest_filter_leads_and_nothing_is_sorted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let connection = open_for_writing(&path, &path).unwrap();
        for bits in 1..1_u32 << 7 {
            let text = |bit: u32| (bits & 1 << bit != 0).then(|| "x".to_owned());
            let query = Query {
                task_id: text(0),
                run_id: text(1),
                session_id: text(2),
                project_number: text(3).map(|_| 4),
                workspace_id: text(4),
                actor: text(5),
                start_time: text(6).map(|_| Timestamp::default()),
                operation_types: vec![OperationFilter::Prefix("x.".into())],
                ..Query::default()
            };
            let names = ["by_task", "by_run", "by_session", "by_project", "by_workspace"];
            let leader = names.get(bits.trailing_zeros() as usize).unwrap_or(&"by_time");
            let plan = plan(&connection, page_sql(&query, Timestamp::default()));
            assert!(
                format!("{plan} ").contains(&format!("INDEX {leader} ")),
                "{leader}: {query:?}\n{plan}"
            );
            assert!(
                !plan.contains("TEMP") && !plan.contains("MULTI-INDEX"),
                "{query:?}\n{plan}"
            );
        }
    }

    #[test]
    fn a_question_without_an_index_is_given_up_and_the_next_one_answered() {
        let mut connection = Connection::open_in_memory().unwrap();
        Deadline::watch(&mut connection).unwrap().set(Duration::from_millis(30));
        let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
        let error = connection
            .query_row(endless, [], |row| row.get::<_, i64>(0))
            .unwrap_err();
        let error = failed(Path::new("audit.db"), &error);
        assert_eq!(error.code(), crate::Code::StoreTimeout);
        connection.progress_handler(0, None::<fn() -> bool>).unwrap();
        assert_eq!(
            connection
                .query_row("SELECT 1", [], |row| row.get::<_, i64>(0))
                .unwrap(),
            1
        );
    }
}
