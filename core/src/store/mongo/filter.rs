//! Queries as filters. Every value is typed before it gets here, so none can act as an operator.

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Document, doc};
use uuid::Uuid;

use super::encode::date;
use super::{LATE_ARRIVALS, feed};
use crate::query::{Cursor, OperationFilter, Order, Query};
use crate::schema::Timestamp;
use crate::store::prefix_end;

/// What to find and in which order.
pub(super) struct Selection {
    pub(super) filter: Document,
    pub(super) sort: Document,
}

fn binary(id: Uuid) -> Binary {
    Binary {
        subtype: BinarySubtype::Uuid,
        bytes: id.into_bytes().to_vec(),
    }
}

/// Holds also for a missing field: such a record is kept for ever.
fn not_expired(now: Timestamp) -> Document {
    doc! { "$not": { "$lte": date(now) } }
}

/// One record by its id.
pub(super) fn id(audit_id: Uuid, now: Timestamp) -> Document {
    doc! { "_id": binary(audit_id), "expires_at": not_expired(now) }
}

/// All that match the query's filters, whatever its cursor.
pub(super) fn matching(query: &Query, now: Timestamp) -> Document {
    let mut filter = regardless_of_expiry(query);
    filter.insert("expires_at", not_expired(now));
    filter
}

/// Those that match and are hidden, since the server is about to delete them.
pub(super) fn expired(query: &Query, now: Timestamp) -> Document {
    let mut filter = regardless_of_expiry(query);
    filter.insert("expires_at", doc! { "$lte": date(now) });
    filter
}

/// Those that match, hidden or not.
pub(super) fn regardless_of_expiry(query: &Query) -> Document {
    let mut filter = Document::new();
    if let Some(workspace_id) = &query.workspace_id {
        filter.insert("scopes", workspace_id);
    }
    if let Some(number) = query.project_number {
        // A number that no document can hold matches nothing.
        filter.insert("project_number", i64::try_from(number).unwrap_or(-1));
    }
    let outcome = query.outcome.map(|outcome| outcome.as_str().to_owned());
    let texts = [
        ("task_id", &query.task_id),
        ("session_id", &query.session_id),
        ("run_id", &query.run_id),
        ("actor", &query.actor),
        ("outcome", &outcome),
    ];
    for (name, wanted) in texts {
        if let Some(wanted) = wanted {
            filter.insert(name, wanted);
        }
    }
    let mut range = Document::new();
    if let Some(start) = query.start_time {
        range.insert("$gte", date(start));
    }
    if let Some(end) = query.end_time {
        range.insert("$lt", date(end));
    }
    if !range.is_empty() {
        filter.insert("timestamp", range);
    }
    if !query.operation_types.is_empty() {
        let any: Vec<Document> = query
            .operation_types
            .iter()
            .map(|wanted| match wanted {
                OperationFilter::Exact(exact) => doc! { "operation_type": exact },
                // A range of texts, not a pattern: nothing in it can be read as one.
                OperationFilter::Prefix(prefix) => {
                    let mut range = doc! { "$gte": prefix };
                    range.extend(prefix_end(prefix).map(|end| ("$lt".to_owned(), end.into())));
                    doc! { "operation_type": range }
                }
            })
            .collect();
        filter.insert("$or", any);
    }
    filter
}

/// The query's page.
pub(super) fn page(query: &Query, now: Timestamp) -> Selection {
    let mut filter = matching(query, now);
    let (beyond, direction) = match query.order {
        Order::Descending => ("$lt", -1),
        Order::Ascending => ("$gt", 1),
    };
    match query.cursor {
        Some(Cursor::Arrival { arrival, caught_up }) => {
            let behind = if caught_up {
                feed::rewound(arrival, LATE_ARRIVALS)
            } else {
                arrival
            };
            filter.insert("arrival", doc! { "$gt": feed::timestamp(behind) });
            return Selection {
                filter,
                sort: doc! { "arrival": 1 },
            };
        }
        Some(Cursor::Keyset { timestamp, audit_id }) => {
            let time = date(timestamp);
            let bound = if query.order == Order::Descending {
                "$lte"
            } else {
                "$gte"
            };
            // The plain bound on the time lets the index start there; the pair after it cuts off what was seen of that time.
            let behind = doc! { "$or": [
                { "timestamp": { beyond: time } },
                { "timestamp": time, "_id": { beyond: binary(audit_id) } },
            ] };
            filter.insert("$and", vec![doc! { "timestamp": { bound: time } }, behind]);
        }
        None => {}
    }
    Selection {
        filter,
        sort: doc! { "timestamp": direction, "_id": direction },
    }
}
