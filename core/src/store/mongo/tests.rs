//! Against real servers. `TASKTRAIL_TEST_MONGODB` names one that is there, `TASKTRAIL_TEST_MONGOD` a binary for those that a test
//! starts with settings of its own; without them the tests pass over.

mod documents;
mod faults;
mod feed;
mod indexes;
mod mongod;
mod plans;
mod reapply;
mod roles;

use std::sync::atomic::{AtomicU32, Ordering};

use futures::TryStreamExt as _;
use mongodb::Database;
use mongodb::bson::Document;

use super::*;
use crate::schema::sample;

const COLLECTION: &str = "audit_history";

struct Server {
    url: String,
    database: Database,
}

impl Server {
    async fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("TASKTRAIL_TEST_MONGODB") else {
            eprintln!("skipped: TASKTRAIL_TEST_MONGODB names no server");
            return None;
        };
        let client = Client::with_uri_str(&server).await.unwrap();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("tasktrail_unit_{}_{number}", std::process::id());
        let (base, options) = server.split_once('?').unwrap_or((&server, ""));
        let hosts = base.split("://").nth(1).unwrap().split('/').next().unwrap();
        let url = format!("mongodb://{hosts}/{name}?{options}");
        Some(Server {
            url,
            database: client.database(&name),
        })
    }

    async fn open(&self) -> MongoStore {
        MongoStore::open(&self.url).await.unwrap()
    }

    fn documents(&self) -> Collection<Document> {
        self.database.collection(COLLECTION)
    }

    /// Has the server write down every command on this database.
    async fn profile(&self) {
        self.database.run_command(doc! { "profile": 2 }).await.unwrap();
    }

    /// Ends [`Self::profile`]; the commands of this name on the collection, the oldest first.
    async fn profiled(&self, name: &str) -> Vec<Document> {
        self.database.run_command(doc! { "profile": 0 }).await.unwrap();
        let on_ours =
            doc! { "ns": format!("{}.{COLLECTION}", self.database.name()), format!("command.{name}"): COLLECTION };
        let written = self.database.collection::<Document>("system.profile");
        let found = written.find(on_ours).sort(doc! { "ts": 1 }).await.unwrap();
        found.try_collect().await.unwrap()
    }

    async fn end(self) {
        self.database.drop().await.unwrap();
    }
}

fn record(number: u128, change: impl FnOnce(&mut serde_json::Value)) -> EncodedRecord {
    let mut fields = serde_json::from_str(&sample(Uuid::from_u128(number), number as i64 * 1_000).to_json()).unwrap();
    change(&mut fields);
    EncodedRecord::new(Record::from_json(&fields.to_string()).unwrap())
}
