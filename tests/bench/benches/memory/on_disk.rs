//! What a stored record takes, indexes included.

use std::path::Path;
use std::time::Duration;

use mongodb::bson::doc;
use rusqlite::Connection;
use tasktrail::Trail;
use tasktrail_bench::Row;

use crate::record_slowly;

const DRAINED: Duration = Duration::from_secs(120);

pub(crate) fn rows(folder: &Path, records: usize) -> Vec<Row> {
    let mut rows = vec![sqlite(folder, records)];
    match std::env::var("TASKTRAIL_BENCH_MONGODB") {
        Ok(server) => rows.push(mongodb(&server, records)),
        Err(_) => eprintln!("no MongoDB is named in TASKTRAIL_BENCH_MONGODB: its row is left out"),
    }
    rows
}

fn fill(url: &str, records: usize) {
    let trail = Trail::builder(url).open_blocking().unwrap();
    (0..records).for_each(|at| record_slowly(&trail, at));
    let ledger = trail.close_blocking(DRAINED).unwrap().ledger;
    assert_eq!((ledger.dropped.total(), ledger.pending()), (0, 0), "{ledger:?}");
}

fn sqlite(folder: &Path, records: usize) -> Row {
    let file = folder.join("size.db");
    fill(&format!("sqlite:{}", file.display()), records);
    let connection = Connection::open(&file).unwrap();
    let text: f64 = connection
        .query_row("SELECT avg(length(doc)) FROM audit_history", [], |row| row.get(0))
        .unwrap();
    let bytes = std::fs::metadata(&file).unwrap().len() as f64 / records as f64;
    Row::of(
        "SQLite: a stored record of a 1 KB call, with indexes",
        bytes,
        "its text alone",
        text,
        "B",
    )
    .note(format!("{records} records, the file after closing"))
}

fn mongodb(server: &str, records: usize) -> Row {
    let name = format!("bench_size_{}", std::process::id());
    fill(&format!("{}/{name}", server.trim_end_matches('/')), records);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = mongodb::Client::with_uri_str(server).await.unwrap();
        // Sizes are those of the last checkpoint.
        client.database("admin").run_command(doc! { "fsync": 1 }).await.unwrap();
        let database = client.database(&name);
        let stats = database
            .run_command(doc! { "collStats": "audit_history" })
            .await
            .unwrap();
        database.drop().await.unwrap();
        let number = |field: &str| {
            let value = stats.get(field).unwrap();
            value
                .as_f64()
                .or_else(|| value.as_i64().map(|whole| whole as f64))
                .or_else(|| value.as_i32().map(f64::from))
        };
        let (documents, indexes) = (number("storageSize").unwrap(), number("totalIndexSize").unwrap());
        let document = number("avgObjSize").unwrap();
        Row::of(
            "MongoDB: a stored record of a 1 KB call, with indexes",
            (documents + indexes) / records as f64,
            "its BSON alone",
            document,
            "B",
        )
        .note(format!(
            "{records} records after a checkpoint; documents, compressed, {:.0} B each, indexes {:.0} B",
            documents / records as f64,
            indexes / records as f64
        ))
    })
}
