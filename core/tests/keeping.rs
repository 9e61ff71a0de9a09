//! How long records are kept, and how all of them are read.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tasktrail::retention::Retention;
use tasktrail::schema::Record;
use tasktrail::store::{SqliteStore, Store};
use tasktrail::{Call, Cursor, Query, Trail};

const LONG: Duration = Duration::from_secs(30);
const DAY_MS: i64 = 24 * 3_600 * 1_000;

fn call(workspace: &str, origin: Option<&str>) -> Call {
    Call {
        method: "POST".into(),
        path: "/widgets".into(),
        status: Some(201),
        workspace_id: Some(workspace.into()),
        origin_workspace_id: origin.map(str::to_owned),
        ..Call::default()
    }
}

fn days(trail: &Trail, workspace: &str) -> Vec<Option<i64>> {
    let page = trail.query_blocking(&Query::workspace(workspace)).unwrap();
    let records = page.items.iter().map(|item| Record::from_json(&item.json).unwrap());
    let mut days: Vec<_> = records
        .map(|record| {
            let expiry = record.expires_at?.millis();
            Some((expiry - record.recorded_at.millis()) / DAY_MS)
        })
        .collect();
    days.sort_unstable();
    days
}

#[test]
fn retention_is_by_workspace_and_a_hold_reaches_what_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("audit.db").display());
    for url in ["memory:", file.as_str()] {
        let trail = Trail::builder(url).open_blocking().unwrap();
        trail.set_retention_blocking(Some("short"), Retention::days(3)).unwrap();
        trail.record(call("short", None), None);
        trail.record(call("other", None), None);
        trail.record(call("worktree", Some("held")), None);
        trail.flush_blocking(LONG).unwrap();
        assert_eq!(
            (days(&trail, "short"), days(&trail, "other")),
            (vec![Some(3)], vec![Some(90)])
        );

        assert_eq!(
            trail.set_retention_blocking(Some("held"), Retention::Forever).unwrap(),
            1
        );
        trail.record(call("held", None), None);
        trail.flush_blocking(LONG).unwrap();
        assert_eq!(days(&trail, "held"), [None, None], "also what its runs did elsewhere");
        assert_eq!(days(&trail, "other"), [Some(90)]);

        trail.set_retention_blocking(Some("held"), Retention::days(7)).unwrap();
        assert_eq!(days(&trail, "held"), [None, None], "until it is reapplied");
        assert_eq!(trail.reapply_retention_blocking().unwrap(), 2);
        assert_eq!(days(&trail, "held"), [Some(7), Some(90)]);
        assert_eq!(trail.reapply_retention_blocking().unwrap(), 0);

        let changes = trail
            .query_blocking(&Query::from_json(r#"{"operationType":"audit.config_changed"}"#).unwrap())
            .unwrap();
        assert_eq!(changes.total, 3);
        trail.close_blocking(LONG).unwrap();
    }
}

#[tokio::test]
async fn an_export_is_complete_while_records_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("audit.db")).await.unwrap());
    let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
        .open()
        .await
        .unwrap();
    let mut there = HashSet::new();
    for _ in 0..5_000 {
        there.insert(trail.record(call("ws", None), None));
    }
    trail.flush(LONG).await.unwrap();
    for base in [Query::workspace("ws"), Query::workspace("ws").cursor(Cursor::after(0))] {
        let mut export = trail.export(base.clone());
        let (mut seen, mut pages) = (HashSet::new(), 0);
        while let Some(records) = export.next().await.unwrap() {
            pages += 1;
            for record in &records {
                assert!(seen.insert(record.audit_id), "no record comes twice");
            }
            // New ones come, old ones go, and another process takes over where this one was.
            for _ in 0..100 {
                trail.record(call("ws", None), None);
            }
            trail.record(call("other", None), None);
            trail.flush(LONG).await.unwrap();
            if pages == 2 {
                let rest = base.clone().cursor(export.cursor().unwrap());
                export = trail.export(rest);
            }
        }
        assert!(there.is_subset(&seen));
        assert!(pages >= 5);
    }
    trail.close(LONG).await.unwrap();
}
