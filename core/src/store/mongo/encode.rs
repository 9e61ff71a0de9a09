//! A record as BSON, written straight into its bytes (<https://bsonspec.org/spec.html>, version 1.1).

use std::fmt;

use mongodb::bson::spec::{BinarySubtype, ElementType};
use mongodb::bson::{DateTime, RawDocumentBuf};
use serde::Deserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

use crate::error::{Code, Error, Result};
use crate::schema::{Fields, MAX_SAFE_INTEGER, Presence, Record, Timestamp, View};

/// Names that the store adds to a record's own; a field of a newer schema cannot have them.
pub(super) const ADDED: [&str; 3] = ["_id", "scopes", "arrival"];

/// How deep a newer schema's field may be nested. The server takes documents of 100 levels, of which the record's own are four.
const MAX_DEPTH: usize = 96;

/// What most documents stay below, so that few need their buffer moved.
const USUAL_BYTES: usize = 1_536;

pub(super) fn date(time: Timestamp) -> DateTime {
    DateTime::from_millis(time.millis())
}

/// The document of a record: the fields by their wire names in native types, `_id`, `scopes`, and an empty `arrival`
/// that the server fills. `request_summary` and `metadata` stay JSON text, so no key of theirs is ever one of the document.
pub(in crate::store) fn document(record: &Record) -> Result<RawDocumentBuf> {
    let mut to = Writer(Vec::with_capacity(USUAL_BYTES));
    let start = to.open();
    to.element(ElementType::Binary, "_id");
    to.length(16)?;
    to.0.push(u8::from(BinarySubtype::Uuid));
    to.0.extend_from_slice(record.audit_id.as_bytes());
    to.fields(record, &ADDED)?;
    to.element(ElementType::Array, "scopes");
    let scopes = to.open();
    for (position, scope) in record.scopes().enumerate() {
        to.item(ElementType::String, position);
        to.text(scope)?;
    }
    to.close(scopes)?;
    // The server replaces an empty timestamp at the top level by its own, in the order of insertion.
    to.element(ElementType::Timestamp, "arrival");
    to.0.extend_from_slice(&[0; 8]);
    to.close(start)?;
    RawDocumentBuf::from_bytes(to.0).map_err(|fault| Error::new(Code::StoreFailed, format!("the record: {fault}")))
}

/// Names in here hold no NUL: they are a definition's own, or were checked.
struct Writer(Vec<u8>);

impl Writer {
    /// Begins a document or array; [`Self::close`] takes what it returns.
    fn open(&mut self) -> usize {
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 4]);
        start
    }

    fn close(&mut self, start: usize) -> Result<()> {
        self.0.push(0);
        let length = length(self.0.len() - start)?;
        for (to, from) in self.0.iter_mut().skip(start).zip(length) {
            *to = from;
        }
        Ok(())
    }

    #[inline]
    fn element(&mut self, kind: ElementType, name: &str) {
        self.0.push(kind as u8);
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(0);
    }

    fn item(&mut self, kind: ElementType, position: usize) {
        match u8::try_from(position) {
            Ok(digit @ 0..=9) => self.0.extend_from_slice(&[kind as u8, b'0' + digit, 0]),
            _ => self.element(kind, &position.to_string()),
        }
    }

    fn length(&mut self, length: usize) -> Result<()> {
        self.0.extend_from_slice(&self::length(length)?);
        Ok(())
    }

    #[inline]
    fn text(&mut self, text: &str) -> Result<()> {
        self.length(text.len() + 1)?;
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
        Ok(())
    }

    /// The fields of an object, those of a newer version behind its own.
    fn fields(&mut self, object: &dyn Fields, reserved: &[&str]) -> Result<()> {
        object.each(&mut |name, presence, view| self.field(name, presence, view))?;
        for (name, value) in object.extra() {
            if !reserved.contains(&name.as_str()) {
                let newer = Newer {
                    at: At::Name(key(name)?),
                    to: &mut *self,
                    depth: 0,
                };
                let mut reader = serde_json::Deserializer::from_str(value.as_str());
                newer
                    .deserialize(&mut reader)
                    .map_err(|error| unfit(name, &error.to_string()))?;
            }
        }
        Ok(())
    }

    #[inline]
    fn field(&mut self, name: &'static str, presence: Presence, view: View<'_>) -> Result<()> {
        match view {
            View::Null if presence == Presence::Known => {}
            View::Null => self.element(ElementType::Null, name),
            View::Uuid(id) => {
                self.element(ElementType::String, name);
                self.text(id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()))?;
            }
            View::Time(time) => {
                self.element(ElementType::DateTime, name);
                self.0.extend_from_slice(&time.millis().to_le_bytes());
            }
            View::Text(text) => {
                self.element(ElementType::String, name);
                self.text(text)?;
            }
            View::Whole(number) => {
                let number = i64::try_from(number).map_err(|_| unfit(name, "is larger than the store can keep"))?;
                self.element(ElementType::Int64, name);
                self.0.extend_from_slice(&number.to_le_bytes());
            }
            View::Number(number) => {
                self.element(ElementType::Double, name);
                self.0.extend_from_slice(&number.to_le_bytes());
            }
            View::Truth(truth) => {
                self.element(ElementType::Boolean, name);
                self.0.push(u8::from(truth));
            }
            View::Object(object) => {
                self.element(ElementType::EmbeddedDocument, name);
                self.object(object)?;
            }
            View::Objects(objects) => {
                self.element(ElementType::Array, name);
                let start = self.open();
                for (position, object) in objects.enumerate() {
                    self.item(ElementType::EmbeddedDocument, position);
                    self.object(object)?;
                }
                self.close(start)?;
            }
        }
        Ok(())
    }

    fn object(&mut self, object: &dyn Fields) -> Result<()> {
        let start = self.open();
        self.fields(object, &[])?;
        self.close(start)
    }

    fn begin(&mut self, kind: ElementType, at: At<'_>) {
        match at {
            At::Name(name) => self.element(kind, name),
            At::Position(position) => self.item(kind, position),
        }
    }
}

/// Where a value stands: under a name of a document, or at a position of an array.
#[derive(Clone, Copy)]
enum At<'a> {
    Name(&'a str),
    Position(usize),
}

/// Writes a value of a newer schema's field as its JSON is read, in the types in which it reads back the same.
struct Newer<'a> {
    to: &'a mut Writer,
    at: At<'a>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Newer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Newer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.to.begin(ElementType::Null, self.at);
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<(), E> {
        self.to.begin(ElementType::Boolean, self.at);
        self.to.0.push(u8::from(truth));
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        if number.unsigned_abs() > MAX_SAFE_INTEGER {
            return self.visit_str(&number.to_string());
        }
        self.to.begin(ElementType::Int64, self.at);
        self.to.0.extend_from_slice(&number.to_le_bytes());
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => self.visit_str(&number.to_string()),
        }
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        self.to.begin(ElementType::Double, self.at);
        self.to.0.extend_from_slice(&number.to_le_bytes());
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.to.begin(ElementType::String, self.at);
        self.to.text(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Newer { to, at, depth } = self;
        to.begin(ElementType::Array, at);
        let start = to.open();
        let depth = deeper(depth)?;
        let mut position = 0;
        while items
            .next_element_seed(Newer {
                to,
                at: At::Position(position),
                depth,
            })?
            .is_some()
        {
            position += 1;
        }
        to.close(start).map_err(de::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Newer { to, at, depth } = self;
        to.begin(ElementType::EmbeddedDocument, at);
        let start = to.open();
        let depth = deeper(depth)?;
        while let Some(name) = entries.next_key::<String>()? {
            let at = At::Name(key(&name).map_err(de::Error::custom)?);
            entries.next_value_seed(Newer { to, at, depth })?;
        }
        to.close(start).map_err(de::Error::custom)
    }
}

fn deeper<E: de::Error>(depth: usize) -> Result<usize, E> {
    if depth < MAX_DEPTH {
        Ok(depth + 1)
    } else {
        Err(E::custom(format_args!("is nested deeper than {MAX_DEPTH} levels")))
    }
}

/// A length as BSON writes it: 32 bits, little-endian.
fn length(length: usize) -> Result<[u8; 4]> {
    match i32::try_from(length) {
        Ok(length) => Ok(length.to_le_bytes()),
        Err(_) => Err(Error::new(
            Code::StoreFailed,
            "the record is larger than a BSON document may be",
        )),
    }
}

fn key(name: &str) -> Result<&str> {
    if name.contains('\0') {
        return Err(unfit(name, "a field name must not contain a NUL character"));
    }
    Ok(name)
}

fn unfit(name: &str, problem: &str) -> Error {
    Error::new(Code::StoreFailed, format!("`{name}` {problem}")).with_field(name)
}
