//! An export as text: lines of JSON for programs, CSV for spreadsheets.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};

use super::{Export, Trail};
use crate::error::{Code, Error, Result};
use crate::query::{Cursor, Query, StoredRecord};
use crate::schema::Record;
use crate::store::Store;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExportFormat {
    /// One record a line, as JSON (ndjson.org).
    #[default]
    Ndjson,
    /// RFC 4180: a line of names, then one line a record, each ended by CR LF. The columns are the record's fields in their order, `error`
    /// as `error_code` and `error_message`; what is an object or a list is its JSON text, and what is null is empty. A text that a
    /// spreadsheet would take for a formula gets an apostrophe in front.
    Csv,
}

impl ExportFormat {
    /// By its name, `ndjson` or `csv`.
    ///
    /// # Errors
    /// [`Code::QueryInvalid`] for another.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "ndjson" => Ok(ExportFormat::Ndjson),
            "csv" => Ok(ExportFormat::Csv),
            _ => Err(Error::new(Code::QueryInvalid, "`format` is \"ndjson\" or \"csv\"").with_field("format")),
        }
    }

    /// Records as this format writes them, with the line of names in front where it is wanted and there is one.
    ///
    /// # Errors
    /// [`Code::StoreFailed`] for a stored record that cannot be read.
    pub fn text(self, records: &[StoredRecord], with_header: bool) -> Result<String> {
        let mut text = if with_header { self.header() } else { String::new() };
        for record in records {
            self.write(record, &mut text)?;
        }
        Ok(text)
    }

    fn header(self) -> String {
        match self {
            ExportFormat::Ndjson => String::new(),
            ExportFormat::Csv => {
                let names: Vec<&str> = columns().iter().map(|column| column.name).collect();
                names.join(",") + "\r\n"
            }
        }
    }

    fn write(self, record: &StoredRecord, text: &mut String) -> Result<()> {
        match self {
            ExportFormat::Ndjson => {
                text.push_str(&record.json);
                text.push('\n');
            }
            ExportFormat::Csv => write_csv(&record.json, text)?,
        }
        Ok(())
    }
}

/// A column of CSV: its name, and where its value is in a record.
struct Column {
    name: &'static str,
    field: &'static str,
    /// A field of that field.
    part: Option<&'static str>,
}

fn columns() -> &'static [Column] {
    static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
        let columns = Record::FIELDS.iter().flat_map(|field| {
            let column = |name, part| Column { name, field, part };
            match *field {
                "error" => vec![
                    column("error_code", Some("code")),
                    column("error_message", Some("message")),
                ],
                name => vec![column(name, None)],
            }
        });
        columns.collect()
    });
    &COLUMNS
}

fn write_csv(json: &str, text: &mut String) -> Result<()> {
    let record: Map<String, Value> = serde_json::from_str(json)
        .map_err(|fault| Error::new(Code::StoreFailed, format!("a stored record is not readable: {fault}")))?;
    for (position, column) in columns().iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        let value = record.get(column.field);
        let value = match column.part {
            Some(part) => value.and_then(|value| value.get(part)),
            None => value,
        };
        match value {
            None | Some(Value::Null) => {}
            Some(Value::String(said)) => write_cell(said, text),
            Some(Value::Number(number)) => text.push_str(&number.to_string()),
            Some(other) => write_cell(&other.to_string(), text),
        }
    }
    text.push_str("\r\n");
    Ok(())
}

/// What begins with one of these a spreadsheet may take for a formula (OWASP, "CSV Injection"), the full-width forms included.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

fn write_cell(said: &str, text: &mut String) {
    let is_formula = said.starts_with(FORMULA);
    let is_quoted = said.contains(['"', ',', '\r', '\n']) || said.starts_with(' ') || said.ends_with(' ');
    if is_quoted {
        text.push('"');
    }
    if is_formula {
        text.push('\'');
    }
    if is_quoted {
        text.push_str(&said.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(said);
    }
}

/// [`Export`] as text, a page at a time.
#[derive(Debug)]
#[must_use = "ask for its pieces"]
pub struct ExportText {
    export: Export,
    format: ExportFormat,
    records: u64,
    has_begun: bool,
}

impl Trail {
    /// Begins an export as text; as [`Trail::export`].
    pub fn export_text(&self, query: Query, format: ExportFormat) -> ExportText {
        ExportText::new(self.export(query), format)
    }
}

impl ExportText {
    /// Begins an export as text from a store that no trail has open, as [`Export::of_store`].
    pub fn of_store(store: Arc<dyn Store>, query: Query, format: ExportFormat) -> Self {
        Self::new(Export::of_store(store, query), format)
    }

    /// The part behind a beginning that is there already: without the line of names.
    pub fn going_on(mut self) -> Self {
        self.has_begun = true;
        self
    }

    fn new(export: Export, format: ExportFormat) -> Self {
        ExportText {
            export,
            format,
            records: 0,
            has_begun: false,
        }
    }

    /// The next piece, of whole lines; `None` at the end.
    ///
    /// # Errors
    /// As [`Export::next`].
    pub async fn next(&mut self) -> Result<Option<String>> {
        let records = self.export.next().await?;
        self.written(records)
    }

    /// As [`ExportText::next`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Export::next`].
    pub fn next_blocking(&mut self) -> Result<Option<String>> {
        let records = self.export.next_blocking()?;
        self.written(records)
    }

    /// Records that were given out so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// As [`Export::cursor`].
    pub fn cursor(&self) -> Option<Cursor> {
        self.export.cursor()
    }

    fn written(&mut self, records: Option<Vec<StoredRecord>>) -> Result<Option<String>> {
        let mut text = match std::mem::replace(&mut self.has_begun, true) {
            false => self.format.header(),
            true => String::new(),
        };
        for record in records.iter().flatten() {
            self.format.write(record, &mut text)?;
            self.records += 1;
        }
        Ok((records.is_some() || !text.is_empty()).then_some(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell(said: &str) -> String {
        let mut text = String::new();
        write_cell(said, &mut text);
        text
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        for (said, written) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a\nb", "\"a\nb\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            (" padded", "\" padded\""),
            ("1-2", "1-2"),
        ] {
            assert_eq!(cell(said), written);
        }
    }

    #[test]
    fn no_cell_is_a_formula() {
        for said in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "＝1",
            "=cmd|' /C calc'!A0",
            "=\"a\",b",
        ] {
            let written = cell(said);
            let shown = written.strip_prefix('"').unwrap_or(&written);
            assert!(shown.starts_with('\''), "{said} is written as {written}");
        }
    }

    #[test]
    fn formats_have_names() {
        assert_eq!(ExportFormat::parse("csv").unwrap(), ExportFormat::Csv);
        assert_eq!(ExportFormat::parse("ndjson").unwrap(), ExportFormat::Ndjson);
        let error = ExportFormat::parse("CSV").unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::QueryInvalid, Some("format")));
    }

    /// The fields of one line, as RFC 4180 says.
    fn read_line(line: &str) -> Vec<String> {
        let (mut fields, mut field, mut is_quoted) = (Vec::new(), String::new(), false);
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if is_quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    field.push('"');
                }
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => fields.push(std::mem::take(&mut field)),
                c => field.push(c),
            }
        }
        fields.push(field);
        fields
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(cells in prop::collection::vec(any::<String>(), 1..6)) {
            let line: Vec<String> = cells.iter().map(|said| cell(said)).collect();
            let read = read_line(&line.join(","));
            prop_assert_eq!(read.len(), cells.len());
            for (read, said) in read.iter().zip(&cells) {
                let without = read.strip_prefix('\'').filter(|_| said.starts_with(FORMULA));
                prop_assert_eq!(without.unwrap_or(read), said);
            }
        }
    }
}
