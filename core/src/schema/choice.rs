//! Texts of a known set, and the larger set of a newer writer.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A set of texts, as documentation and generated declarations need it.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// Name of the type.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Each text on the wire and what it means.
    pub texts: &'static [(&'static str, &'static str)],
}

/// A type whose values are texts of a known set.
pub trait Texts: Copy + 'static {
    /// The set.
    const CHOICE: Choice;

    /// The text on the wire.
    fn text(self) -> &'static str;

    /// Reads the text on the wire.
    fn from_text(text: &str) -> Option<Self>;
}

/// What a stored record holds where this version knows a set of texts: one of them, or one that a newer version added. The latter
/// means no more than "something else" to this reader, and is written back as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Open<T> {
    /// One of the known set.
    Known(T),
    /// A newer version's text.
    Newer(Box<str>),
}

impl<T: Texts> Open<T> {
    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Open::Known(value) => value.text(),
            Open::Newer(text) => text,
        }
    }

    /// The value, where this version knows it.
    pub fn known(&self) -> Option<T> {
        match self {
            Open::Known(value) => Some(*value),
            Open::Newer(_) => None,
        }
    }
}

impl<T: Texts> From<T> for Open<T> {
    fn from(value: T) -> Self {
        Open::Known(value)
    }
}

impl<T: Texts + PartialEq> PartialEq<T> for Open<T> {
    fn eq(&self, other: &T) -> bool {
        self.known().as_ref() == Some(other)
    }
}

impl<T: Texts> Serialize for Open<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, T: Texts> Deserialize<'de> for Open<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(PhantomData<T>);
        impl<T: Texts> de::Visitor<'_> for Visitor<T> {
            type Value = Open<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text such as \"")?;
                f.write_str(T::CHOICE.texts.first().map_or("", |(text, _)| text))?;
                f.write_str("\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Open<T>, E> {
                Ok(T::from_text(text).map_or_else(|| Open::Newer(text.into()), Open::Known))
            }
        }
        deserializer.deserialize_str(Visitor(PhantomData))
    }
}

/// Defines an enum by its texts.
macro_rules! text_enum {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        pub enum $name { $($(#[doc = $vdoc])+ #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// The text on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// Every text that [`Self::parse`] takes, in declaration order.
            pub const TEXTS: &'static [&'static str] = &[$($text),+];

            /// Reads the text on the wire.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl $crate::schema::choice::Texts for $name {
            const CHOICE: $crate::schema::choice::Choice = $crate::schema::choice::Choice {
                name: stringify!($name),
                doc: concat!($($doc, "\n"),+),
                texts: &[$(($text, concat!($($vdoc, "\n"),+))),+],
            };

            fn text(self) -> &'static str {
                self.as_str()
            }

            fn from_text(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }
    };
}
pub(crate) use text_enum;
