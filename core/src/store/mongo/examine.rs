//! Is the server as it should be?

use std::time::{Duration, Instant};

use mongodb::bson::{Document, RawDocumentBuf, doc};
use mongodb::{Client, Database};

use super::fault::{self, Action, Place};
use super::index;
use super::options::FromUrl;
use crate::clock::{Clock as _, SystemClock};
use crate::schema::Timestamp;
use crate::store::examine::Finding;

/// How long the server may take for one question.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the server, as the user whom the URL names.
pub(in crate::store) async fn examine(url: &str) -> Vec<Finding> {
    let FromUrl {
        client: settings,
        database,
        options,
    } = match FromUrl::read(url).await {
        Ok(read) => read,
        Err(error) => return vec![Finding::of_error("configuration", &error, "correct the URL")],
    };
    let hosts: Vec<_> = settings.hosts.iter().map(ToString::to_string).collect();
    let place = Place {
        server: format!("MongoDB at {}", hosts.join(",")),
        collection: options.collection.clone(),
    };
    let client = match Client::with_options(settings) {
        Ok(client) => client,
        Err(error) => {
            let error = fault::of(&error, Action::Find, &place);
            return vec![Finding::of_error("configuration", &error, "correct the URL")];
        }
    };
    let database = client.database(&database);
    let looking = look(&database, &place);
    let findings = tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| {
        vec![Finding::fault(
            "connection",
            format!("{} did not answer within {PATIENCE:?}", place.server),
            "look at the server's log, and at what is between",
        )]
    });
    client.shutdown().immediate(true).await;
    findings
}

async fn look(database: &Database, place: &Place) -> Vec<Finding> {
    let since = Instant::now();
    let hello = match database.run_command(doc! { "hello": 1 }).await {
        Ok(hello) => hello,
        Err(error) => {
            let error = fault::of(&error, Action::Find, place);
            let remedy = "start the server, or correct host, user or password in the URL";
            return vec![Finding::of_error("connection", &error, remedy)];
        }
    };
    let took = since.elapsed();
    let version = database.run_command(doc! { "buildInfo": 1 }).await.ok();
    let version = version.and_then(|found| found.get_str("version").map(str::to_owned).ok());
    let kind = match (hello.get_str("setName"), hello.get_str("msg")) {
        (Ok(set), _) => format!(", replica set {set}"),
        (_, Ok("isdbgrid")) => ", sharded".to_owned(),
        _ => ", standalone".to_owned(),
    };
    let who = format!(
        "{} ({}{kind})",
        place.server,
        version.as_deref().unwrap_or("of unknown version")
    );
    let mut findings = vec![Finding::answered(&who, took)];
    if let Ok(theirs) = hello.get_datetime("localTime") {
        let theirs = Timestamp::from_millis(theirs.timestamp_millis());
        findings.push(Finding::of_clock(theirs, SystemClock.now(), took));
    }
    findings.extend(permissions(database, place).await);
    findings.push(indexes(database, place).await);
    findings
}

/// What the user may do, by the privileges that the server lists.
async fn permissions(database: &Database, place: &Place) -> Vec<Finding> {
    let asked = database
        .run_command(doc! { "connectionStatus": 1, "showPrivileges": true })
        .await;
    let status = match asked {
        Ok(status) => status,
        Err(error) => {
            let error = fault::of(&error, Action::Find, place);
            return vec![Finding::of_error(
                "permissions",
                &error,
                "correct user or password in the URL",
            )];
        }
    };
    let list = |name: &str| -> Vec<Document> {
        let info = status.get_document("authInfo");
        let listed = info.and_then(|info| info.get_array(name));
        let listed = listed.into_iter().flatten();
        listed.filter_map(|entry| entry.as_document().cloned()).collect()
    };
    let privileges = list("authenticatedUserPrivileges");
    let is_anonymous = list("authenticatedUsers").is_empty();
    let collection = database.collection::<RawDocumentBuf>(&place.collection);
    // Without a user, a server either asks for none or lets nobody read.
    let may_find = match is_anonymous {
        true => collection.find_one(doc! {}).await.is_ok(),
        false => allows(&privileges, database.name(), &place.collection, "find"),
    };
    let may_insert = match is_anonymous {
        true => may_find,
        false => allows(&privileges, database.name(), &place.collection, "insert"),
    };
    let full = format!("{}.{}", database.name(), place.collection);
    [("reading", may_find, "find"), ("writing", may_insert, "insert")]
        .map(|(about, may, action)| match may {
            true => Finding::fine(about, format!("this user may `{action}` in {full}")),
            false => Finding::warning(
                about,
                format!("this user may not `{action}` in {full}"),
                "give it the role for that, if it needs it (docs/mongodb.md, \"Users and roles\")",
            ),
        })
        .into()
}

fn allows(privileges: &[Document], database: &str, collection: &str, action: &str) -> bool {
    privileges.iter().any(|privilege| {
        let resource = privilege.get_document("resource").ok();
        let covers = resource.is_some_and(|resource| {
            let names = |field: &str, wanted: &str| {
                resource
                    .get_str(field)
                    .is_ok_and(|name| name.is_empty() || name == wanted)
            };
            resource.get_bool("anyResource").unwrap_or(false)
                || names("db", database) && names("collection", collection)
        });
        let actions = privilege.get_array("actions");
        covers && actions.is_ok_and(|actions| actions.iter().any(|known| known.as_str() == Some(action)))
    })
}

async fn indexes(database: &Database, place: &Place) -> Finding {
    let remedy = "open the store once as a user whose role has `listIndexes`, `createIndex`, `dropIndex` and `collMod`";
    match index::missing(&database.collection(&place.collection)).await {
        Ok(missing) if missing.is_empty() => Finding::fine("indexes", "all are there"),
        Ok(missing) => Finding::warning("indexes", format!("missing: {}", missing.join(", ")), remedy),
        Err(error) => Finding::warning(
            "indexes",
            format!("this user may not look at them ({})", fault::text(&error)),
            remedy,
        ),
    }
}
