//! Users who may do only a part.

use std::collections::BTreeMap;
use std::sync::Arc;

use mongodb::bson::Bson;

use super::mongod::Mongod;
use super::*;
use crate::retention::Retention;

/// As in the page for operators.
const DATABASE: &str = "trail";
const ROOT: &str = "root:r00t@";

/// A server that asks for a login, with the roles of the page for operators and a user for each: `writer`, `reader`, `keeper`, `owner`.
async fn guarded() -> Option<Mongod> {
    let mongod = Mongod::start(&["--auth"])?;
    let root = doc! { "createUser": "root", "pwd": "r00t", "roles": ["root"] };
    mongod.admin("", root).await;
    let page = include_str!("../../../../../docs/mongodb.md");
    let commands = page
        .split("runCommand(")
        .skip(1)
        .map(|rest| rest.split(")\n```").next().unwrap());
    let mut users = Vec::new();
    for command in commands {
        let command: Document = serde_json::from_str(command).unwrap();
        let role = command.get_str("createRole").unwrap().to_owned();
        mongod.admin(ROOT, command).await;
        let user = role.strip_prefix("audit").unwrap().to_lowercase();
        mongod
            .admin(ROOT, doc! { "createUser": &user, "pwd": "s3cret", "roles": [role] })
            .await;
        users.push(user);
    }
    assert_eq!(users, ["writer", "reader", "keeper", "owner"]);
    Some(mongod)
}

async fn open(mongod: &Mongod, user: &str, options: &str) -> MongoStore {
    let url = mongod.url(
        &format!("{user}:s3cret@"),
        DATABASE,
        &format!("authSource=admin{options}"),
    );
    MongoStore::open(&url).await.unwrap()
}

fn refused(error: &Error, action: &str) {
    assert_eq!(
        (error.code(), error.is_retryable()),
        (Code::StoreFailed, false),
        "{error}"
    );
    let text = error.to_string();
    assert!(
        text.contains(&format!("`{action}` on `{COLLECTION}`")) && !text.contains("s3cret"),
        "{text}"
    );
}

#[tokio::test]
async fn each_role_does_its_part_and_is_told_what_it_lacks() {
    let Some(mongod) = guarded().await else { return };
    let now = Timestamp::from_millis(4_000_000_000_000);
    let batch: Vec<_> = (1..=20).map(|number| record(number, |_| {})).collect();
    let days = RetentionPolicy {
        default: Retention::Days(50_000),
        workspaces: BTreeMap::new(),
    };

    let owner = open(&mongod, "owner", "&tasktrail.validator=true").await;
    let indexes = owner.collection.list_index_names().await.unwrap();
    assert_eq!(indexes.len(), 10, "{indexes:?}");
    let nonsense = RawDocumentBuf::try_from(&doc! { "_id": 1 }).unwrap();
    let root = Client::with_uri_str(mongod.url(ROOT, DATABASE, "authSource=admin"))
        .await
        .unwrap();
    let documents = root.database(DATABASE).collection::<RawDocumentBuf>(COLLECTION);
    assert!(documents.insert_one(nonsense).await.is_err());

    let writer = open(&mongod, "writer", "").await;
    assert_eq!(writer.insert(&batch).await.unwrap().stored, 20);
    assert_eq!(writer.insert(&batch).await.unwrap().duplicates, 20);
    refused(&writer.query(&Query::default(), now).await.unwrap_err(), "find");
    refused(&writer.get(Uuid::from_u128(1), now).await.unwrap_err(), "find");
    refused(&writer.arrived(Some(0), "w", 1).await.unwrap_err(), "find");
    refused(&writer.reapply_retention(&days).await.unwrap_err(), "find");
    refused(&writer.size().await.unwrap_err(), "find");

    let reader = open(&mongod, "reader", "").await;
    assert_eq!(reader.query(&Query::default(), now).await.unwrap().items.len(), 20);
    assert!(reader.get(Uuid::from_u128(1), now).await.unwrap().is_some());
    assert_eq!(reader.arrived(Some(0), "nobody", 50).await.unwrap().records.len(), 20);
    let size = reader.size().await.unwrap();
    assert_eq!(size.records, Some(20));
    assert!(size.bytes > size.index_bytes && size.index_bytes > Some(0), "{size:?}");
    refused(&reader.insert(&batch).await.unwrap_err(), "insert");
    refused(&reader.reapply_retention(&days).await.unwrap_err(), "update");

    let keeper = open(&mongod, "keeper", "").await;
    assert_eq!(keeper.reapply_retention(&days).await.unwrap(), 20);
    refused(&keeper.insert(&batch).await.unwrap_err(), "insert");
    // Who may find and no more is told how many there are.
    let only_records = Size {
        records: Some(20),
        records_is_estimate: true,
        ..Size::default()
    };
    assert_eq!(keeper.size().await.unwrap(), only_records);

    for store in [owner, writer, reader, keeper] {
        store.close().await;
    }
    root.shutdown().await;
}

#[tokio::test]
async fn the_servers_own_role_is_enough_for_all_but_a_changed_expiry() {
    let Some(mongod) = guarded().await else { return };
    let role = doc! { "role": "readWrite", "db": DATABASE };
    let user = doc! { "createUser": "both", "pwd": "s3cret", "roles": [role] };
    mongod.admin(ROOT, user).await;
    let store = open(&mongod, "both", "&tasktrail.validator=true").await;
    assert_eq!(store.collection.list_index_names().await.unwrap().len(), 10);
    assert_eq!(store.insert(&[record(1, |_| {})]).await.unwrap().stored, 1);
    let keep = RetentionPolicy {
        default: Retention::Forever,
        workspaces: BTreeMap::new(),
    };
    store.reapply_retention(&RetentionPolicy::default()).await.unwrap();
    assert_eq!(store.reapply_retention(&keep).await.unwrap(), 1);
    let now = Timestamp::from_millis(4_000_000_000_000);
    assert_eq!(store.query(&Query::default(), now).await.unwrap().total, 1);
    store.close().await;
}

#[tokio::test]
async fn who_has_no_login_or_a_wrong_one_is_told_at_the_door() {
    let Some(mongod) = guarded().await else { return };
    let nobody = MongoStore::open(&mongod.url("", DATABASE, "")).await.unwrap_err();
    assert!(nobody.to_string().contains("asks for a user"), "{nobody}");
    let wrong = MongoStore::open(&mongod.url("writer:guess@", DATABASE, "authSource=admin"))
        .await
        .unwrap_err();
    assert!(wrong.to_string().contains("refused user or password"), "{wrong}");
    for error in [nobody, wrong] {
        assert_eq!((error.code(), error.is_retryable()), (Code::StoreFailed, false));
    }
}

#[tokio::test]
async fn a_host_shares_its_client_and_keeps_it() {
    let Some(server) = Server::new().await else { return };
    let client = server.database.client().clone();
    let options = |collection: &str| MongoOptions {
        collection: collection.to_owned(),
        ..MongoOptions::default()
    };
    let name = server.database.name();
    let [one, two] = [
        MongoStore::with_client(client.clone(), name, options("one"))
            .await
            .unwrap(),
        MongoStore::with_client(client.clone(), name, options("two"))
            .await
            .unwrap(),
    ];
    let stores = [Arc::new(one), Arc::new(two)];
    stores[0].insert(&[record(1, |_| {})]).await.unwrap();
    stores[1].insert(&[record(1, |_| {}), record(2, |_| {})]).await.unwrap();
    stores[0].close().await;
    assert_eq!(
        stores[0].insert(&[record(3, |_| {})]).await.unwrap_err().code(),
        Code::Closed
    );
    assert_eq!(stores[1].insert(&[record(3, |_| {})]).await.unwrap().stored, 1);
    stores[1].close().await;
    let counted = server
        .database
        .collection::<Bson>("two")
        .count_documents(doc! {})
        .await
        .unwrap();
    assert_eq!(counted, 3);

    // The same by URL.
    let (place, given) = server.url.split_once('?').unwrap();
    let by_url = MongoStore::open(&format!("{place}?{given}&tasktrail.collection=one"))
        .await
        .unwrap();
    assert_eq!(
        by_url
            .query(&Query::default(), Timestamp::from_millis(0))
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    by_url.close().await;

    let error = MongoStore::with_client(client, name, options("a$b")).await.unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        (Code::OptionsInvalid, Some("collection"))
    );
    server.end().await;
}
