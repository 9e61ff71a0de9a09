//! The indexes and the validator on a collection.

use futures::TryStreamExt as _;
use mongodb::IndexModel;
use mongodb::bson::Document;
use mongodb::options::IndexOptions;

use super::*;

impl Server {
    async fn indexes(&self) -> Vec<(String, Document, Option<u64>)> {
        let cursor = self
            .database
            .collection::<Document>(COLLECTION)
            .list_indexes()
            .await
            .unwrap();
        let indexes: Vec<IndexModel> = cursor.try_collect().await.unwrap();
        let describe = |index: IndexModel| {
            let options = index.options.unwrap();
            (
                options.name.unwrap(),
                index.keys,
                options.expire_after.map(|after| after.as_secs()),
            )
        };
        indexes.into_iter().map(describe).collect()
    }

    async fn create(&self, keys: Document, options: IndexOptions) {
        let index = IndexModel::builder().keys(keys).options(options).build();
        self.database
            .collection::<Document>(COLLECTION)
            .create_index(index)
            .await
            .unwrap();
    }
}

/// Ours, which are all that a new collection has beside the one on `_id`.
const NAMES: [&str; 9] = [
    "tasktrail_arrival",
    "tasktrail_expiry",
    "tasktrail_project",
    "tasktrail_run",
    "tasktrail_session",
    "tasktrail_task",
    "tasktrail_time",
    "tasktrail_workspace",
    "tasktrail_workspace_arrival",
];

fn named(name: &str) -> IndexOptions {
    IndexOptions::builder().name(name.to_owned()).build()
}

impl Server {
    /// Opens the store until what goes on behind its back is over, and answers the names of the indexes.
    async fn reopened(&self) -> Vec<String> {
        index::reconcile(self.open().await.collection.clone(), MongoOptions::default()).await;
        let mut names: Vec<_> = self.indexes().await.into_iter().map(|index| index.0).collect();
        names.sort();
        names.retain(|name| name != "_id_");
        names
    }
}

#[tokio::test]
async fn indexes_are_made_once() {
    let Some(server) = Server::new().await else { return };
    assert_eq!(server.reopened().await, NAMES);
    let made = server.indexes().await;
    assert_eq!(server.reopened().await, NAMES);
    assert_eq!(server.indexes().await, made);
    server.end().await;
}

#[tokio::test]
async fn many_opened_at_once_make_the_same_indexes() {
    let Some(server) = Server::new().await else { return };
    let stores = futures::future::join_all((0..8).map(|_| server.open())).await;
    for store in stores {
        store.close().await;
    }
    assert_eq!(server.reopened().await, NAMES);
    server.end().await;
}

#[tokio::test]
async fn an_index_of_an_earlier_release_goes_when_its_successor_is_there() {
    let Some(server) = Server::new().await else { return };
    // Other keys, the same keys over other documents, and one that went before but could not be dropped.
    server
        .create(doc! { "workspace_id": 1 }, named("tasktrail_workspace"))
        .await;
    server
        .create(doc! { "run_id": 1, "timestamp": -1, "_id": -1 }, named("tasktrail_run"))
        .await;
    server.create(doc! { "arrival": 1 }, named("tasktrail_arrival_2")).await;
    let names = server.reopened().await;
    let mut expected = NAMES.map(str::to_owned);
    for name in &mut expected {
        if ["tasktrail_workspace", "tasktrail_run"].contains(&name.as_str()) {
            name.push_str("_2");
        }
    }
    assert_eq!(names, expected);
    let indexes = server.indexes().await;
    let keys = |name: &str| indexes.iter().find(|index| index.0 == name).unwrap().1.clone();
    assert_eq!(
        keys("tasktrail_workspace_2"),
        doc! { "scopes": 1, "timestamp": -1, "_id": -1 }
    );
    assert_eq!(keys("tasktrail_arrival"), doc! { "arrival": 1, "writer_id": 1 });
    // What does the work keeps its name.
    assert_eq!(server.reopened().await, expected);
    assert_eq!(server.indexes().await, indexes);
    server.end().await;
}

#[tokio::test]
async fn an_index_of_the_hosts_stays_and_serves_if_it_can() {
    let Some(server) = Server::new().await else { return };
    server
        .create(doc! { "arrival": 1.0, "writer_id": 1.0 }, named("by_hand"))
        .await;
    server.create(doc! { "actor": 1 }, IndexOptions::default()).await;
    let sparse = IndexOptions::builder().name("sparse".to_owned()).sparse(true).build();
    server.create(doc! { "timestamp": -1, "_id": -1 }, sparse).await;
    let before = server.indexes().await;
    let names = server.reopened().await;
    let mut expected: Vec<_> = NAMES
        .iter()
        .filter(|name| **name != "tasktrail_arrival")
        .copied()
        .collect();
    expected.extend(["actor_1", "by_hand", "sparse"]);
    expected.sort_unstable();
    assert_eq!(names, expected);
    let after = server.indexes().await;
    assert!(before.iter().all(|index| after.contains(index)), "{after:?}");
    server.end().await;
}

#[tokio::test]
async fn when_the_server_deletes_is_repaired() {
    let Some(server) = Server::new().await else { return };
    let days = Some(Duration::from_secs(86_400));
    // Under our name and under one that somebody gave it: at another time, and never.
    for name in ["tasktrail_expiry", "expires_at_1"] {
        for expire_after in [days, None] {
            let _ = server.documents().drop_index("tasktrail_expiry").await;
            let options = IndexOptions::builder()
                .name(name.to_owned())
                .expire_after(expire_after)
                .build();
            server.create(doc! { "expires_at": 1 }, options).await;
            server.reopened().await;
            let indexes = server.indexes().await;
            let expiry: Vec<_> = indexes
                .iter()
                .filter(|index| index.1 == doc! { "expires_at": 1 })
                .collect();
            assert_eq!(expiry.len(), 1, "{indexes:?}");
            assert_eq!((expiry[0].0.as_str(), expiry[0].2), (name, Some(0)));
            server.documents().drop_index(name).await.unwrap();
        }
    }
    server.end().await;
}

#[tokio::test]
async fn writes_go_on_while_an_index_is_made() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    for start in (0..20_000_u128).step_by(1_000) {
        let batch: Vec<_> = (start..start + 1_000).map(|number| record(number, |_| {})).collect();
        store.insert(&batch).await.unwrap();
    }
    server.documents().drop_indexes().await.unwrap();
    let building = tokio::spawn(index::reconcile(store.collection.clone(), MongoOptions::default()));
    let mut written = 0;
    while !building.is_finished() {
        let batch = [record(1_000_000 + written, |_| {})];
        assert_eq!(store.insert(&batch).await.unwrap().stored, 1);
        written += 1;
    }
    assert_eq!(building.await.unwrap(), index::Checked::Done);
    assert!(written > 0);
    assert_eq!(server.indexes().await.len(), NAMES.len() + 1);
    store.close().await;
    server.end().await;
}

#[tokio::test]
async fn a_validator_is_set_when_asked_for_and_a_hosts_is_left_alone() {
    let Some(server) = Server::new().await else { return };
    let ours = format!("{}&tasktrail.validator=true", server.url);
    let current = async || {
        let found = server
            .database
            .list_collections()
            .filter(doc! { "name": COLLECTION })
            .await
            .unwrap();
        let found: Vec<_> = found.try_collect().await.unwrap();
        found[0].options.validator.clone()
    };
    server.reopened().await;
    assert_eq!(current().await, None);

    // On a collection that is there, and twice.
    for _ in 0..2 {
        let store = MongoStore::open(&ours).await.unwrap();
        assert!(current().await.unwrap().contains_key("$jsonSchema"));
        // Every record passes, with all fields and with few.
        let texts: Vec<crate::schema::Json> =
            serde_json::from_str(include_str!("../../../../../tests/vectors/exemplar.json")).unwrap();
        let mut batch: Vec<_> = texts
            .iter()
            .map(|text| EncodedRecord::from_json(text.as_str()).unwrap())
            .collect();
        batch.push(record(1, |fields| {
            fields["newer"] = serde_json::json!({ "a": [1, null] })
        }));
        let inserted = store.insert(&batch).await.unwrap();
        assert!(inserted.refused.is_empty(), "{:?}", inserted.refused);
        store.close().await;
    }
    for (nonsense, why) in [
        (doc! { "$unset": { "timestamp": 1 } }, "a field lacks"),
        (doc! { "$set": { "timestamp": "yesterday" } }, "a time is a text"),
        (doc! { "$set": { "scopes": "ws" } }, "not a list"),
        (doc! { "$set": { "seq": null } }, "never null"),
    ] {
        let refused = server.documents().update_one(doc! {}, nonsense).await;
        assert!(refused.is_err(), "{why}");
    }

    // On one that is not, where it is made first.
    server.documents().drop().await.unwrap();
    MongoStore::open(&ours).await.unwrap().close().await;
    assert!(current().await.is_some());

    let rule = doc! { "actor": { "$ne": "bad" } };
    let hosts = doc! { "collMod": COLLECTION, "validator": rule.clone() };
    server.database.run_command(hosts).await.unwrap();
    MongoStore::open(&ours).await.unwrap().close().await;
    assert_eq!(current().await, Some(rule));
    server.end().await;
}
