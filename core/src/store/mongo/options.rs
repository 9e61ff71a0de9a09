//! How the store is set up: by a host, or by a URL.

use std::time::Duration;

use mongodb::error::{Error as DriverError, ErrorKind};
use mongodb::options::{Acknowledgment, ClientOptions, WriteConcern};
use percent_encoding::percent_decode_str;

use super::fault;
use crate::error::{Code, Error, Result};
use crate::store::StoreUrl;

/// Database when the URL names none.
const DEFAULT_DATABASE: &str = "tasktrail";
const DEFAULT_COLLECTION: &str = "audit_history";
/// How long to look for a server, and to wait for a connection, when the URL does not say.
pub(super) const REACH_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the servers may take to acknowledge a batch when nobody says; the batch can be sent again.
const ACKNOWLEDGE_TIMEOUT: Duration = Duration::from_secs(10);
/// What sets the URL's options for the store apart from those for the driver.
const PREFIX: &str = "tasktrail.";
const COLLECTION: &str = "tasktrail.collection";
const VALIDATOR: &str = "tasktrail.validator";
/// The server's bound is 255 bytes for database, dot and collection.
const MAX_COLLECTION: usize = 150;
const NAME_RULE: &str =
    "is a collection's name: 1 to 150 bytes without $ or NUL, no dot at its ends, not beginning with `system.`";

/// How a [`super::MongoStore`] uses its database.
#[derive(Debug, Clone)]
pub struct MongoOptions {
    /// The collection: `audit_history` by default; `tasktrail.collection` in a URL.
    pub collection: String,
    /// Whether the server is told to refuse documents that are no audit records, whoever writes them: no by default;
    /// `tasktrail.validator=true` in a URL. A validator of the host's own is left alone.
    pub validator: bool,
    /// How writes are acknowledged: by default as the client's say, by a majority within 10 s where they say nothing; `w`, `journal` and
    /// `wTimeoutMS` in a URL. Writes without acknowledgement (`w: 0`) are refused, since the store could not say what it holds.
    pub write_concern: Option<WriteConcern>,
}

impl Default for MongoOptions {
    fn default() -> Self {
        MongoOptions {
            collection: DEFAULT_COLLECTION.to_owned(),
            validator: false,
            write_concern: None,
        }
    }
}

impl MongoOptions {
    /// What holds for writes, where `inherited` is the client's.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`] naming the option.
    pub(super) fn checked(&self, inherited: Option<&WriteConcern>) -> Result<WriteConcern> {
        let name = &self.collection;
        let fits = (1..=MAX_COLLECTION).contains(&name.len())
            && !name.contains(['$', '\0'])
            && !name.starts_with("system.")
            && !name.starts_with('.')
            && !name.ends_with('.');
        if !fits {
            let message = format!("`collection` {NAME_RULE}");
            return Err(Error::new(Code::OptionsInvalid, message).with_field("collection"));
        }
        let mut concern = self.write_concern.as_ref().or(inherited).cloned().unwrap_or_default();
        if concern.w == Some(Acknowledgment::Nodes(0)) {
            let message = "`w` must not be 0: without an acknowledgement nobody knows what was stored";
            return Err(Error::new(Code::OptionsInvalid, message).with_field("w"));
        }
        concern.w.get_or_insert(Acknowledgment::Majority);
        concern.w_timeout.get_or_insert(ACKNOWLEDGE_TIMEOUT);
        Ok(concern)
    }
}

/// What a URL says.
#[derive(Debug)]
pub(super) struct FromUrl {
    pub(super) client: ClientOptions,
    pub(super) database: String,
    pub(super) options: MongoOptions,
}

impl FromUrl {
    /// # Errors
    /// [`Code::UrlInvalid`] naming the option, [`Code::StoreUnavailable`] when DNS does not know an SRV name. No message repeats a password.
    pub(super) async fn read(url: &str) -> Result<Self> {
        let (url, options) = split(url)?;
        let mut client = match ClientOptions::parse(&url).await {
            Ok(client) => client,
            Err(error) => return Err(invalid_url(&url, &error).await),
        };
        client.server_selection_timeout.get_or_insert(REACH_TIMEOUT);
        client.connect_timeout.get_or_insert(REACH_TIMEOUT);
        client.app_name.get_or_insert_with(|| "tasktrail".to_owned());
        let concern = options
            .checked(client.write_concern.as_ref())
            .map_err(|error| match error.field() {
                Some("collection") => invalid(COLLECTION, NAME_RULE),
                _ => Error::new(Code::UrlInvalid, error.to_string()).with_field("url"),
            })?;
        client.write_concern = Some(concern);
        let database = client.default_database.clone();
        Ok(FromUrl {
            client,
            database: database.unwrap_or_else(|| DEFAULT_DATABASE.to_owned()),
            options,
        })
    }
}

fn invalid(name: &str, problem: &str) -> Error {
    Error::new(
        Code::UrlInvalid,
        format!("the MongoDB URL is not valid: `{name}` {problem}"),
    )
    .with_field("url")
}

/// The URL as the driver takes it, and what it says to the store.
fn split(url: &str) -> Result<(String, MongoOptions)> {
    let mut options = MongoOptions::default();
    let Some((place, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), options));
    };
    let mut others = Vec::new();
    for part in query.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        // The names of a connection string's options have no case.
        let name = name.to_ascii_lowercase();
        if !name.starts_with(PREFIX) {
            others.push(part);
            continue;
        }
        let Ok(value) = percent_decode_str(value).decode_utf8() else {
            return Err(invalid(&name, "is not UTF-8"));
        };
        match name.as_str() {
            COLLECTION => options.collection = value.into_owned(),
            VALIDATOR => {
                options.validator = match &*value {
                    "true" => true,
                    "false" => false,
                    _ => return Err(invalid(VALIDATOR, "is true or false")),
                }
            }
            _ => {
                let shown: String = name.chars().take(40).collect();
                let known = format!("is not an option; known are `{COLLECTION}` and `{VALIDATOR}`");
                return Err(invalid(&shown, &known));
            }
        }
    }
    let bare = if others.is_empty() {
        place.to_owned()
    } else {
        format!("{place}?{}", others.join("&"))
    };
    Ok((bare, options))
}

/// Explains a URL that the driver does not take, from a copy without user and password, so that neither can be repeated.
async fn invalid_url(url: &str, error: &DriverError) -> Error {
    let (scheme, rest) = url.split_once("://").unwrap_or(("mongodb", url));
    // An unescaped `/`, `?` or `@` in the password moves every other boundary; the last `@` is behind it in any case.
    let bare = rest.rsplit_once('@').map_or(rest, |(_, behind)| behind);
    if let ErrorKind::DnsResolve { .. } = &*error.kind {
        let host = StoreUrl::Mongodb {
            url: format!("{scheme}://{bare}"),
        };
        return Error::new(
            Code::StoreUnavailable,
            format!("the servers of {host} cannot be looked up in DNS"),
        );
    }
    let reason = match ClientOptions::parse(format!("{scheme}://{bare}")).await {
        Err(error) => fault::text(&error),
        Ok(_) => "user name and password must be percent-encoded (/ ? @ : % and the like)".to_owned(),
    };
    Error::new(Code::UrlInvalid, format!("the MongoDB URL is not valid: {reason}")).with_field("url")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(url: &str) -> Result<FromUrl> {
        FromUrl::read(url).await
    }

    #[tokio::test]
    async fn a_url_names_database_collection_and_acknowledgement() {
        let bare = read("mongodb://db1").await.unwrap();
        assert_eq!(
            (
                bare.database.as_str(),
                bare.options.collection.as_str(),
                bare.options.validator
            ),
            ("tasktrail", "audit_history", false)
        );
        let concern = bare.client.write_concern.unwrap();
        assert_eq!(
            (concern.w, concern.w_timeout),
            (Some(Acknowledgment::Majority), Some(ACKNOWLEDGE_TIMEOUT))
        );

        let url =
            "mongodb://ann:p%40ss@db1/own?w=1&TaskTrail.Collection=audit%20log&journal=true&tasktrail.validator=true";
        let said = read(url).await.unwrap();
        assert_eq!(
            (
                said.database.as_str(),
                said.options.collection.as_str(),
                said.options.validator
            ),
            ("own", "audit log", true)
        );
        let concern = said.client.write_concern.unwrap();
        assert_eq!(
            (concern.w, concern.journal),
            (Some(Acknowledgment::Nodes(1)), Some(true))
        );
        assert_eq!(said.client.credential.unwrap().password.as_deref(), Some("p@ss"));
        let only_ours = read("mongodb://db1/own?tasktrail.collection=a").await.unwrap();
        assert_eq!(
            (only_ours.database.as_str(), only_ours.options.collection.as_str()),
            ("own", "a")
        );
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_url_is_named() {
        for (options, named) in [
            ("tasktrail.collection=", "tasktrail.collection"),
            ("tasktrail.collection=a$b", "tasktrail.collection"),
            ("tasktrail.collection=system.users", "tasktrail.collection"),
            ("tasktrail.collection=%ff", "tasktrail.collection"),
            ("tasktrail.validator=yes", "tasktrail.validator"),
            ("tasktrail.colection=a", "tasktrail.colection"),
            ("w=0", "`w`"),
            ("retryWrits=true", "retrywrits"),
        ] {
            let error = read(&format!("mongodb://ann:s3cret@db1/own?{options}"))
                .await
                .unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (Code::UrlInvalid, Some("url")),
                "{options}"
            );
            let text = error.to_string();
            assert!(text.contains(named) && !text.contains("s3cret"), "{options}: {text}");
        }
    }
}
