//! What a field of a stored object is, and the macro that makes type, reader, writer and description from one definition.

use std::collections::BTreeMap;

use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::choice::{Choice, Open};
use super::{MAX_SAFE_INTEGER, Timestamp};

/// One JSON value, kept as the text it was written in.
#[derive(Debug, Clone, serde::Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Takes JSON text; `None` when it is not one valid JSON value.
    pub fn parse(text: String) -> Option<Self> {
        RawValue::from_string(text).ok().map(Json)
    }

    /// JSON's null.
    pub fn null() -> Self {
        Json(RawValue::NULL.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

/// What a field holds. Bounds of texts and JSON are in bytes of UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// A UUID (RFC 9562) in its text form; a BSON UUID as `_id`, a text elsewhere.
    Uuid,
    /// A point in time, whole milliseconds, UTC: RFC 3339 with three decimals; a BSON date.
    Time,
    /// Text of at most so many bytes.
    Text(usize),
    /// So many lowercase hex digits.
    Hex(usize),
    /// A whole number between these two; a BSON 64-bit integer.
    Whole(u64, u64),
    /// A finite number, 0 or more; a BSON double.
    Number,
    /// True or false.
    Truth,
    /// One of a set of texts, or one that a newer version added to it.
    OneOf(&'static Choice),
    /// Any JSON value of at most so many bytes; in BSON its text.
    Json(usize),
    /// A JSON object of at most so many bytes; in BSON its text.
    JsonObject(usize),
    /// An object with fields of its own.
    Object(&'static Object),
    /// At most so many of these objects.
    Objects(usize, &'static Object),
}

impl Shape {
    /// A whole number that every language of the wire reads exactly.
    pub(crate) const WHOLE: Shape = Shape::Whole(0, MAX_SAFE_INTEGER);
}

/// When a field is there. In JSON each one always is, null where unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Always, and never null.
    Always,
    /// Always, null where unknown: what was asked for from the start.
    Null,
    /// In BSON only where known, which keeps documents small.
    Known,
}

/// One field of a stored object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in every format.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// When it is there.
    pub presence: Presence,
    /// Whether it holds free text that came from outside, so that the sanitizer must have seen it.
    pub free_text: bool,
    /// What it means.
    pub doc: &'static str,
}

/// A stored object: the record, or a part of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name in generated declarations.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields, in the order in which they are written.
    pub fields: &'static [Field],
}

/// What a definition of [`object!`] is read into: the object, or the name of the first field that it lacks.
#[derive(Debug)]
pub(crate) struct Draft<T>(pub(crate) Result<T, &'static str>);

/// What stands for a field that is not there.
pub(crate) trait Absent: Sized {
    fn absent() -> Option<Self> {
        None
    }
}

impl<T> Absent for Option<T> {
    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl Absent for Uuid {}
impl Absent for Timestamp {}
impl Absent for String {}
impl Absent for u32 {}
impl Absent for u64 {}
impl Absent for bool {}
impl<T> Absent for Vec<T> {}
impl<T> Absent for Open<T> {}

/// Reads a field's name into a text that is used again, so that a field costs no allocation.
pub(crate) struct Name<'a>(pub(crate) &'a mut String);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<(), E> {
        self.0.clear();
        self.0.push_str(name);
        Ok(())
    }
}

/// Refuses the value of a field that has one already: readers differ in which of the two they take. As the value is what is refused,
/// the fault is found at the field's path.
struct Twice;

impl<'de> DeserializeSeed<'de> for Twice {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<(), D::Error> {
        Err(de::Error::custom("is there twice"))
    }
}

/// Takes the value of a known field.
pub(crate) fn take<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    slot: &mut Option<T>,
    map: &mut A,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return map.next_value_seed(Twice);
    }
    *slot = Some(map.next_value()?);
    Ok(())
}

/// Takes the value of a newer version's field.
pub(crate) fn take_extra<'de, A: MapAccess<'de>>(
    extra: &mut BTreeMap<String, Json>,
    name: &str,
    map: &mut A,
) -> Result<(), A::Error> {
    if extra.contains_key(name) {
        return map.next_value_seed(Twice);
    }
    extra.insert(name.to_owned(), map.next_value()?);
    Ok(())
}

/// A field's value as a writer of another format than JSON sees it.
#[cfg(feature = "mongodb")]
pub(crate) enum View<'a> {
    Null,
    Uuid(&'a Uuid),
    Time(Timestamp),
    Text(&'a str),
    Whole(u64),
    Number(f64),
    Truth(bool),
    Object(&'a dyn Fields),
    Objects(&'a mut dyn Iterator<Item = &'a dyn Fields>),
}

/// An object whose fields can be gone through in the order in which they are written.
#[cfg(feature = "mongodb")]
pub(crate) trait Fields {
    /// Hands over name, presence and value of each known field.
    fn each(
        &self,
        put: &mut dyn FnMut(&'static str, Presence, View<'_>) -> crate::error::Result<()>,
    ) -> crate::error::Result<()>;

    /// The fields of a newer version.
    fn extra(&self) -> &BTreeMap<String, Json>;
}

/// A value that can be a field's.
#[cfg(feature = "mongodb")]
pub(crate) trait Viewed {
    /// Shows it to `see`.
    fn view<R>(&self, see: impl FnOnce(View<'_>) -> R) -> R;
}

#[cfg(feature = "mongodb")]
mod viewed {
    use super::super::choice::Texts;
    use super::*;

    macro_rules! viewed {
        ($($type:ty, $value:ident => $view:expr;)+) => {
            $(impl Viewed for $type {
                #[inline]
                fn view<R>(&self, see: impl FnOnce(View<'_>) -> R) -> R {
                    let $value = self;
                    see($view)
                }
            })+
        };
    }

    viewed! {
        Uuid, value => View::Uuid(value);
        Timestamp, value => View::Time(*value);
        String, value => View::Text(value);
        u16, value => View::Whole(u64::from(*value));
        u32, value => View::Whole(u64::from(*value));
        u64, value => View::Whole(*value);
        f64, value => View::Number(*value);
        bool, value => View::Truth(*value);
        // Its text: no key of free-form data is ever one of a document (docs/decisions/0001).
        Json, value => View::Text(value.as_str());
    }

    impl<T: Texts> Viewed for Open<T> {
        #[inline]
        fn view<R>(&self, see: impl FnOnce(View<'_>) -> R) -> R {
            see(View::Text(self.as_str()))
        }
    }

    impl<T: Fields> Viewed for Vec<T> {
        fn view<R>(&self, see: impl FnOnce(View<'_>) -> R) -> R {
            see(View::Objects(&mut self.iter().map(|item| item as &dyn Fields)))
        }
    }

    impl<T: Viewed> Viewed for Option<T> {
        #[inline]
        fn view<R>(&self, see: impl FnOnce(View<'_>) -> R) -> R {
            match self {
                Some(value) => value.view(see),
                None => see(View::Null),
            }
        }
    }
}

/// Defines a stored object once. A field is written
///
/// ```text
/// /// What it means.
/// name: Type = Presence, Shape;
/// ```
///
/// where `Presence` may carry what stands for the field when it is missing, `Always(default)`, and `, Client` behind the shape says
/// that its text came from outside. From it come the struct with an `extra` for fields of a newer version, its reading and writing by
/// serde, its description (`OBJECT`), the names of its fields, and what the BSON writer goes through.
macro_rules! object {
    ($(#[doc = $doc:literal])+ $(#[derive($more:ident)])? pub struct $object:ident as $wire:literal { $(
        $(#[doc = $fdoc:literal])+
        $field:ident: $type:ty = $presence:ident $(($default:expr))?, $shape:expr $(, $client:ident)?;
    )+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq $(, $more)?)]
        pub struct $object {
            $($(#[doc = $fdoc])+ pub $field: $type,)+
            /// Fields of a newer schema that this version does not know, by name; written back as they were read.
            pub extra: std::collections::BTreeMap<String, $crate::schema::Json>,
        }

        impl $object {
            /// Its definition.
            pub const OBJECT: $crate::schema::Object = $crate::schema::Object {
                name: $wire,
                doc: concat!($($doc, "\n"),+),
                fields: Self::SCHEMA,
            };

            /// All fields that this version knows, in the order in which they are written.
            pub const SCHEMA: &'static [$crate::schema::Field] = &[$($crate::schema::Field {
                name: stringify!($field),
                shape: $shape,
                presence: $crate::schema::Presence::$presence,
                free_text: object!(@client $($client)?),
                doc: concat!($($fdoc, "\n"),+),
            }),+];

            /// Names of all fields that this version knows, in the order in which they are written.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];
        }

        impl serde::Serialize for $object {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                $(map.serialize_entry(stringify!($field), &self.$field)?;)+
                for (name, value) in &self.extra {
                    // A known name in here would be there twice, and the whole unreadable.
                    if !Self::FIELDS.contains(&name.as_str()) {
                        map.serialize_entry(name, value)?;
                    }
                }
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $crate::schema::field::Draft<$object> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Reader;
                impl<'de> serde::de::Visitor<'de> for Reader {
                    type Value = $crate::schema::field::Draft<$object>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        use $crate::schema::field::{Absent as _, Draft, Name, take, take_extra};
                        $(let mut $field: Option<$type> = None;)+
                        let mut extra = std::collections::BTreeMap::new();
                        let mut name = String::new();
                        while map.next_key_seed(Name(&mut name))?.is_some() {
                            match name.as_str() {
                                $(stringify!($field) => take(&mut $field, &mut map)?,)+
                                newer => take_extra(&mut extra, newer, &mut map)?,
                            }
                        }
                        $(let Some($field) = $field $(.or(Some($default)))? .or_else(<$type>::absent) else {
                            return Ok(Draft(Err(stringify!($field))));
                        };)+
                        Ok(Draft(Ok($object { $($field,)+ extra })))
                    }
                }
                deserializer.deserialize_map(Reader)
            }
        }

        impl<'de> serde::Deserialize<'de> for $object {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let draft = <$crate::schema::field::Draft<Self> as serde::Deserialize>::deserialize(deserializer)?;
                draft.0.map_err(serde::de::Error::missing_field)
            }
        }

        #[cfg(feature = "mongodb")]
        impl $crate::schema::field::Fields for $object {
            fn each(
                &self,
                put: &mut dyn FnMut(
                    &'static str,
                    $crate::schema::Presence,
                    $crate::schema::field::View<'_>,
                ) -> $crate::error::Result<()>,
            ) -> $crate::error::Result<()> {
                use $crate::schema::field::Viewed as _;
                $(self.$field.view(|view| put(stringify!($field), $crate::schema::Presence::$presence, view))?;)+
                Ok(())
            }

            fn extra(&self) -> &std::collections::BTreeMap<String, $crate::schema::Json> {
                &self.extra
            }
        }

        #[cfg(feature = "mongodb")]
        impl $crate::schema::field::Viewed for $object {
            fn view<R>(&self, see: impl FnOnce($crate::schema::field::View<'_>) -> R) -> R {
                see($crate::schema::field::View::Object(self))
            }
        }
    };
    (@client) => { false };
    (@client Client) => { true };
}
pub(crate) use object;
