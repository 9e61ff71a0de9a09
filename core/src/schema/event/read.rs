//! Reads an event's JSON, once, and holds every part of it to the wire's bounds, known field or not.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::check::{Faults, MAX_ARRAY, MAX_DEPTH, MAX_KEY, MAX_KEYS, MAX_TEXT};
use crate::schema::MAX_SAFE_INTEGER;

/// What was read.
pub(super) struct Reading {
    pub(super) value: Value,
    /// Whether an integer beyond 2^53-1 is in it.
    pub(super) large_integers: bool,
}

/// Reads `text`; what breaks a bound is a fault, and reading goes on behind it. `None` when it is not JSON to its end.
pub(super) fn read(text: &str, faults: &mut Faults) -> Option<Reading> {
    let mut large_integers = false;
    let mut json = serde_json::Deserializer::from_str(text);
    let reader = Reader {
        at: &Place::Root,
        depth: 1,
        faults: &mut *faults,
        large_integers: &mut large_integers,
    };
    match reader
        .deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value))
    {
        Ok(value) => Some(Reading { value, large_integers }),
        Err(error) => {
            faults.add("", format!("is not valid JSON: {error}"));
            None
        }
    }
}

/// Where a value stands. A path is only written once there is a fault.
enum Place<'a> {
    Root,
    Key(&'a Place<'a>, &'a str),
    Position(&'a Place<'a>, usize),
}

impl Place<'_> {
    fn path(&self) -> String {
        let mut steps = Vec::new();
        let mut place = self;
        while let Place::Key(parent, _) | Place::Position(parent, _) = place {
            steps.push(place);
            place = parent;
        }
        let mut path = String::new();
        for step in steps.into_iter().rev() {
            match step {
                Place::Key(_, key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                }
                Place::Position(_, position) => {
                    path.push('[');
                    path.push_str(&position.to_string());
                    path.push(']');
                }
                Place::Root => {}
            }
        }
        path
    }
}

struct Reader<'a> {
    at: &'a Place<'a>,
    depth: usize,
    faults: &'a mut Faults,
    large_integers: &'a mut bool,
}

impl Reader<'_> {
    fn inner<'b>(&'b mut self, at: &'b Place<'b>) -> Reader<'b> {
        Reader {
            at,
            depth: self.depth + 1,
            faults: &mut *self.faults,
            large_integers: &mut *self.large_integers,
        }
    }

    fn fault(&mut self, message: String) {
        self.faults.add(&self.at.path(), message);
    }

    fn is_too_deep(&mut self) -> bool {
        let too_deep = self.depth > MAX_DEPTH;
        if too_deep {
            self.fault(format!("is nested deeper than {MAX_DEPTH} levels"));
        }
        too_deep
    }

    fn text(&mut self, text: String) -> Value {
        if text.len() > MAX_TEXT {
            self.fault(format!("is at most {MAX_TEXT} bytes long; this one has {}", text.len()));
        }
        Value::String(text)
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        *self.large_integers |= number.unsigned_abs() > MAX_SAFE_INTEGER;
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        *self.large_integers |= number > MAX_SAFE_INTEGER;
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: de::Error>(mut self, text: &str) -> Result<Value, E> {
        Ok(self.text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(mut self, text: String) -> Result<Value, E> {
        Ok(self.text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut array: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        let mut length = 0;
        if !self.is_too_deep() {
            while length < MAX_ARRAY {
                let place = Place::Position(self.at, length);
                match array.next_element_seed(self.inner(&place))? {
                    Some(item) => items.push(item),
                    None => return Ok(Value::Array(items)),
                }
                length += 1;
            }
        }
        while array.next_element::<IgnoredAny>()?.is_some() {
            length += 1;
        }
        if length > MAX_ARRAY {
            self.fault(format!("has at most {MAX_ARRAY} entries; this one has {length}"));
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        let mut length = 0;
        if !self.is_too_deep() {
            while length < MAX_KEYS {
                let Some(key) = object.next_key::<String>()? else {
                    return Ok(Value::Object(entries));
                };
                let place = Place::Key(self.at, &key);
                if key.len() > MAX_KEY {
                    let message = format!(
                        "has a name of {} bytes; a name is at most {MAX_KEY} bytes long",
                        key.len()
                    );
                    self.faults.add(&place.path(), message);
                }
                let value = object.next_value_seed(self.inner(&place))?;
                if entries.contains_key(&key) {
                    // Readers differ in which of the two they take.
                    self.faults.add(&place.path(), "is there twice".into());
                } else {
                    entries.insert(key, value);
                }
                length += 1;
            }
        }
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            length += 1;
        }
        if length > MAX_KEYS {
            self.fault(format!("has at most {MAX_KEYS} fields; this one has {length}"));
        }
        Ok(Value::Object(entries))
    }
}

/// Makes texts of integers that not every language reads exactly. The reader has bounded the depth.
pub(super) fn spell_large_integers(value: &mut Value) {
    match value {
        Value::Number(number)
            if number.as_u64().is_some_and(|n| n > MAX_SAFE_INTEGER)
                || number.as_i64().is_some_and(|n| n.unsigned_abs() > MAX_SAFE_INTEGER) =>
        {
            *value = Value::String(number.to_string());
        }
        Value::Array(items) => items.iter_mut().for_each(spell_large_integers),
        Value::Object(entries) => entries.values_mut().for_each(spell_large_integers),
        _ => {}
    }
}
