//! Prints the wire's names and shapes as TypeScript, from their one definition in Rust. `cargo xtask generate` writes it to both npm packages.

use tasktrail::error::Code;
use tasktrail::query::PARAMETERS;
use tasktrail::recorder::{Dropped, Histogram, Ledger, Metrics, Skipped, StoreSize};
use tasktrail::sanitize::{Action, KeyPlace, Policy, PolicyRule};
use tasktrail::schema::{
    ActorType, Call, CallError, Channel, EVENT_TYPES, HEADERS, Ingested, Level, Object, OperationRule, Outcome,
    Presence, Receipt, Record, RecordError, Redaction, Refused, Shape, Target,
};
use tasktrail::trail::{Mode, Options, Stats, StoreHealth, WhenFull};
use tasktrail::workspace::{Workspace, WorkspaceKind};
use ts_rs::{Config, TS};

fn declare<T: TS>(config: &Config) {
    if let Some(docs) = T::docs() {
        print!("{docs}");
    }
    println!("export {}\n", T::decl(config));
}

/// A stored object, from its definition.
fn declare_object(object: &Object) {
    println!("{}export type {} = {{", comment(object.doc), object.name);
    for field in object.fields {
        let kind = match field.shape {
            Shape::Uuid | Shape::Time | Shape::Text(_) | Shape::Hex(_) => "string".to_owned(),
            Shape::Whole(..) | Shape::Number => "number".to_owned(),
            Shape::Truth => "boolean".to_owned(),
            // A newer writer may know more texts than this declaration.
            Shape::OneOf(choice) => format!("{} | (string & {{}})", choice.name),
            Shape::Json(_) => "unknown".to_owned(),
            Shape::JsonObject(_) => "Record<string, unknown>".to_owned(),
            Shape::Object(inner) => inner.name.to_owned(),
            Shape::Objects(_, inner) => format!("{}[]", inner.name),
            _ => "unknown".to_owned(),
        };
        let null = if field.presence == Presence::Always || kind == "unknown" {
            ""
        } else {
            " | null"
        };
        println!("{}{}: {kind}{null};", comment(field.doc), field.name);
    }
    println!("}};\n");
}

fn comment(doc: &str) -> String {
    let lines: String = doc.trim_end().lines().map(|line| format!(" *{line}\n")).collect();
    format!("/**\n{lines} */\n")
}

fn quoted<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.map(|text| format!("  '{text}',\n")).collect()
}

fn main() {
    let config = Config::new().with_large_int("number");
    println!("// Names and shapes of the wire, generated from the Rust core by `cargo xtask generate`. Do not edit.\n");
    declare::<Outcome>(&config);
    declare::<ActorType>(&config);
    declare::<Channel>(&config);
    declare::<Level>(&config);
    declare_object(&RecordError::OBJECT);
    declare_object(&Redaction::OBJECT);
    declare_object(&Receipt::OBJECT);
    declare_object(&Record::OBJECT);
    declare::<CallError>(&config);
    declare::<Target>(&config);
    declare::<Call>(&config);
    declare::<OperationRule>(&config);
    println!(
        "/** A call to be described. */\nexport interface OperationRequest {{\n  method: string;\n  /** As it was requested, with or without query string. */\n  path: string;\n  /** The template that matched it: `/tasks/:id/start`. */\n  route?: string;\n  /** The values of the template's parameters. */\n  params?: Record<string, string>;\n  body?: unknown;\n  /** Rules that go before those that ship. */\n  operations?: OperationRule[];\n}}\n"
    );
    println!(
        "/** What a call did, to what and whose; null where nothing says so. */\nexport interface OperationDescription {{\n  operationType: string;\n  targetType: string | null;\n  targetId: string | null;\n  taskId: string | null;\n  sessionId: string | null;\n  projectNumber: number | null;\n  phaseNumber: number | null;\n  workItemId: string | null;\n  workspaceId?: string;\n  originWorkspaceId?: string;\n  worktreePath?: string;\n  runId?: string;\n  /** How much of the call is kept, where a rule says so. */\n  level?: Level;\n}}\n"
    );
    declare::<KeyPlace>(&config);
    declare::<Action>(&config);
    declare::<PolicyRule>(&config);
    declare::<Policy>(&config);
    println!(
        "/** A policy where there is no trail. */\nexport interface PurePolicy extends SanitizerPolicy {{\n  /** Keys the action `hash`. */\n  hashKey?: string;\n}}\n"
    );
    declare::<Mode>(&config);
    declare::<WhenFull>(&config);
    declare::<Options>(&config);
    declare::<Dropped>(&config);
    declare::<Skipped>(&config);
    declare::<Ledger>(&config);
    declare::<Histogram>(&config);
    declare::<Metrics>(&config);
    declare::<StoreHealth>(&config);
    declare::<StoreSize>(&config);
    declare::<Refused>(&config);
    declare::<Ingested>(&config);
    declare::<Stats>(&config);
    declare::<WorkspaceKind>(&config);
    declare::<Workspace>(&config);

    println!("/** A question to the history; every filter narrows. */\nexport interface HistoryQuery {{");
    for (name, kind, doc) in PARAMETERS {
        println!("  /** {doc} */\n  {name}?: {kind};");
    }
    println!("}}\n");
    println!(
        "/** One page of the history. */\nexport interface Page {{\n  items: AuditRecord[];\n  /** Records that match; a lower bound when `totalIsLowerBound`. */\n  total: number;\n  totalIsLowerBound?: boolean;\n  limit: number;\n  offset: number;\n  /** Where the next page begins; null at the end. */\n  nextCursor: string | null;\n}}\n"
    );
    println!("/** Consecutive entries of one live room. */\nexport interface LiveBatch {{\n  room: string;");
    println!("  /** Numbers are comparable only within one epoch. */\n  epoch: string;");
    println!("  /** Number of the first entry; the next message's is `seq + entries.length`. */\n  seq: number;");
    println!(
        "  /** Whether something that was asked for is gone from the ring and must come from REST. */\n  missed: boolean;"
    );
    println!(
        "  /** How many entries were lost, where that is known. */\n  lagged?: number;\n  entries: AuditRecord[];\n}}\n"
    );

    println!("/** Data of each event type; unknown fields are kept. */\nexport interface EventData {{");
    for known in EVENT_TYPES {
        println!("  /** {} */", known.doc.trim());
        println!("  '{}': {{", known.name);
        for (field, required) in known.fields() {
            let optional = if required { "" } else { "?" };
            println!("    /** {} */", field.doc);
            println!("    {}{optional}: {};", field.name, field.typescript());
        }
        println!("    [field: string]: unknown;\n  }};");
    }
    println!("}}\n");
    println!("/** Type of a progress event. */\nexport type EventType = keyof EventData;\n");
    println!("/** A progress event as `POST /api/events/project` takes it. */");
    println!("export type ProjectEvent<T extends EventType = EventType> = {{\n  [K in T]: {{");
    println!(
        "    type: K;\n    data: EventData[K];\n    /** When it happened; now when absent. */\n    timestamp?: string | number;"
    );
    println!(
        "    /** The client's own name for it, which makes sending it again harmless. */\n    eventId?: string;\n  }};\n}}[T];\n"
    );
    println!(
        "/** The answer to an accepted event. */\nexport interface EventAccepted {{\n  accepted: true;\n  type: EventType;\n  projectNumber: number;\n  timestamp: string;\n  auditId: string;\n  /** Its number among the trail's records; null while it is kept back. */\n  seq: number | null;\n  /** Whether it is on disk or in the store; otherwise keep it and send it again with the same `eventId`, unless it is `coalesced`. */\n  durable: boolean;\n  /** There for progress that is kept back for a moment: it becomes a record, unless the same task reports newer progress before that. */\n  coalesced?: true;\n}}\n"
    );
    println!(
        "/** The answer to a durable record. */\nexport interface DurableReceipt {{\n  auditId: string;\n  /** Its number among this trail's records; 0 when it was skipped. */\n  seq: number;\n  /** Where it is safe; `skipped` when its route's level is `none`. */\n  place: 'spool' | 'store' | 'skipped';\n}}\n"
    );
    println!(
        "/** The answer to a refused event. */\nexport interface EventRefused {{\n  accepted: false;\n  error: string;\n  code: ErrorCode;\n  details: {{ path: string; message: string }}[];\n}}\n"
    );

    println!(
        "export const EVENT_TYPES = [\n{}] as const;\n",
        quoted(EVENT_TYPES.iter().map(|known| known.name))
    );
    println!("/** HTTP headers that carry context, by the call's field that they fill. */\nexport const HEADERS = {{");
    for (field, header) in HEADERS {
        println!("  {field}: '{header}',");
    }
    println!("}} as const;\n");
    println!(
        "export const ERROR_CODES = [\n{}] as const;\n",
        quoted(Code::ALL.iter().map(|code| code.as_str()))
    );
    println!("/** Stable reason of an error. */\nexport type ErrorCode = (typeof ERROR_CODES)[number];");
}
