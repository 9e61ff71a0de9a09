//! A trail with JSON on both sides.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::error::{Code, Error, Result};
use crate::live::{After, Scope};
use crate::query::Query;
use crate::schema::Call;
use crate::trail::{Bundle, ExportFormat, ExportText, Options, Stats, Subscription, Trail};

/// Opens a trail; `options_json` is `{}` or see [`Options`].
///
/// # Errors
/// As [`crate::trail::Builder::open`].
pub async fn open_json(url: &str, options_json: &str) -> Result<Trail> {
    Trail::builder(url)
        .options(Options::from_json(options_json)?)
        .open()
        .await
}

/// As [`open_json`], for hosts without a runtime.
///
/// # Errors
/// As [`crate::trail::Builder::open`].
pub fn open_json_blocking(url: &str, options_json: &str) -> Result<Trail> {
    Trail::builder(url)
        .options(Options::from_json(options_json)?)
        .open_blocking()
}

/// Records a [`Call`]; answers the record's id at once.
///
/// # Errors
/// [`Code::CallInvalid`] naming the field.
pub fn record_json(trail: &Trail, call_json: &str, body: Option<&[u8]>) -> Result<String> {
    Ok(trail.record(Call::from_json(call_json)?, body).to_string())
}

/// Records calls, one a line, with their bodies: [`Trail::record_bundle`].
///
/// # Errors
/// As [`Trail::record_bundle`].
pub fn record_bundle_json<'body>(
    trail: &Trail,
    calls: String,
    bodies: impl IntoIterator<Item = Option<&'body [u8]>>,
) -> Result<()> {
    let mut bundle = Bundle::new(calls);
    bodies.into_iter().for_each(|body| bundle.add_body(body));
    trail.record_bundle(bundle)
}

/// Records a [`Call`] at once; answers `{"auditId","seq","place"}` when it is safe.
///
/// # Errors
/// [`Code::CallInvalid`] naming the field, at once; as [`Trail::record_durable`].
pub fn record_durable_json(
    trail: &Trail,
    call_json: &str,
    body: Option<&[u8]>,
) -> Result<impl Future<Output = Result<String>> + Send + use<>> {
    let settled = trail.record_durable(Call::from_json(call_json)?, body);
    Ok(async move { Ok(settled.await?.to_json()) })
}

/// Emits an event; answers `{"accepted":true,…,"auditId","seq","durable"}` ([`crate::trail::Accepted::to_json`]).
///
/// # Errors
/// As [`Trail::emit`].
pub async fn emit_json(trail: &Trail, event_json: &str, context_json: &str) -> Result<String> {
    Ok(trail
        .emit(event_json, Call::context_from_json(context_json)?)
        .await?
        .to_json())
}

/// As [`emit_json`], for hosts without a runtime.
///
/// # Errors
/// As [`Trail::emit`].
pub fn emit_json_blocking(trail: &Trail, event_json: &str, context_json: &str) -> Result<String> {
    Ok(trail
        .emit_blocking(event_json, Call::context_from_json(context_json)?)?
        .to_json())
}

/// Takes records that another trail has made, `{"records":[…]}`; answers `{"stored","duplicates","durable","refused"}`.
///
/// # Errors
/// As [`Trail::ingest`].
pub async fn ingest_json(trail: &Trail, records_json: &str) -> Result<String> {
    Ok(trail.ingest(records_json).await?.to_json())
}

/// As [`ingest_json`], for hosts without a runtime.
///
/// # Errors
/// As [`Trail::ingest`].
pub fn ingest_json_blocking(trail: &Trail, records_json: &str) -> Result<String> {
    Ok(trail.ingest_blocking(records_json)?.to_json())
}

/// Answers a page: `{"items","total","limit","offset","nextCursor"}`.
///
/// # Errors
/// [`Code::QueryInvalid`] naming the parameter; as [`Trail::query`].
pub async fn query_json(trail: &Trail, query_json: &str) -> Result<String> {
    Ok(trail.query(&Query::from_json(query_json)?).await?.to_json())
}

/// As [`query_json`], for hosts without a runtime.
///
/// # Errors
/// As [`query_json`].
pub fn query_json_blocking(trail: &Trail, query_json: &str) -> Result<String> {
    Ok(trail.query_blocking(&Query::from_json(query_json)?)?.to_json())
}

/// One record as JSON, `None` when there is none with this id.
///
/// # Errors
/// [`Code::QueryInvalid`] for what is no id; as [`Trail::query`].
pub async fn get_json(trail: &Trail, audit_id: &str) -> Result<Option<String>> {
    Ok(trail.get(parse_id(audit_id)?).await?.map(|found| found.json))
}

/// As [`get_json`], for hosts without a runtime.
///
/// # Errors
/// As [`get_json`].
pub fn get_json_blocking(trail: &Trail, audit_id: &str) -> Result<Option<String>> {
    Ok(trail.get_blocking(parse_id(audit_id)?)?.map(|found| found.json))
}

/// Begins an export as text in a format, `ndjson` or `csv`.
///
/// # Errors
/// [`Code::QueryInvalid`] naming the parameter; `limit` and `offset` are none of an export's.
pub fn export_json(trail: &Trail, query_json: &str, format: &str) -> Result<ExportText> {
    let format = ExportFormat::parse(format)?;
    let query = Query::from_json(query_json)?;
    let given: Value = serde_json::from_str(query_json).unwrap_or_default();
    match ["limit", "offset"].into_iter().find(|name| given.get(name).is_some()) {
        Some(name) => Err(Error::new(
            Code::QueryInvalid,
            format!("`{name}` does not go with an export, which gives everything that matches; narrow it by a filter"),
        )
        .with_field(name)),
        None => Ok(trail.export_text(query, format)),
    }
}

fn parse_id(text: &str) -> Result<Uuid> {
    // Only the form that the trail prints: braces and URNs would make two addresses of one record.
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36).ok_or_else(|| {
        Error::new(
            Code::QueryInvalid,
            "`auditId` is a UUID such as 019ab3c2-7f00-7abc-8def-0123456789ab",
        )
        .with_field("auditId")
    })
}

/// Calls `callback` with each batch as JSON ([`crate::live::Batch::to_json`]) until the subscription is dropped.
///
/// # Errors
/// [`Code::OptionsInvalid`] for a bad scope or place, [`Code::Closed`].
pub fn subscribe_json(
    trail: &Trail,
    scope_json: &str,
    after_json: &str,
    callback: Box<dyn Fn(String) + Send + Sync>,
) -> Result<Subscription> {
    trail.subscribe_with(
        &Scope::from_json(scope_json)?,
        &After::from_json(after_json)?,
        move |batch| callback(batch.to_json()),
    )
}

/// What a room's replay ring holds, as one batch.
///
/// # Errors
/// [`Code::OptionsInvalid`] for a bad scope or place.
pub fn replay_json(trail: &Trail, scope_json: &str, after_json: &str) -> Result<String> {
    Ok(trail
        .replay(&Scope::from_json(scope_json)?, &After::from_json(after_json)?)
        .to_json())
}

/// The ledger and what it belongs to; see [`Stats`].
pub fn stats_json(trail: &Trail) -> String {
    to_json(&trail.stats())
}

/// Flushes; answers the stats.
///
/// # Errors
/// As [`Trail::flush`].
pub async fn flush_json(trail: &Trail, deadline_ms: u64) -> Result<String> {
    trail
        .flush(Duration::from_millis(deadline_ms))
        .await
        .map(|stats| to_json(&stats))
}

/// As [`flush_json`], for hosts without a runtime.
///
/// # Errors
/// As [`Trail::flush`].
pub fn flush_json_blocking(trail: &Trail, deadline_ms: u64) -> Result<String> {
    trail
        .flush_blocking(Duration::from_millis(deadline_ms))
        .map(|stats| to_json(&stats))
}

/// Closes; answers the stats.
///
/// # Errors
/// As [`Trail::close`].
pub async fn close_json(trail: &Trail, deadline_ms: u64) -> Result<String> {
    trail
        .close(Duration::from_millis(deadline_ms))
        .await
        .map(|stats| to_json(&stats))
}

/// As [`close_json`], for hosts without a runtime.
///
/// # Errors
/// As [`Trail::close`].
pub fn close_json_blocking(trail: &Trail, deadline_ms: u64) -> Result<String> {
    trail
        .close_blocking(Duration::from_millis(deadline_ms))
        .map(|stats| to_json(&stats))
}

fn to_json(stats: &Stats) -> String {
    // Plain data with text keys: serde_json has no way to fail on it.
    serde_json::to_string(stats).unwrap_or_default()
}
