//! As much of WebAssembly's binary format as it takes to say where a module's bytes go:
//! <https://webassembly.github.io/spec/core/binary/modules.html>.

/// A section of a module: its id and its content.
struct Section<'a> {
    id: u8,
    whole: &'a [u8],
    content: Reader<'a>,
}

const CUSTOM: u8 = 0;
const IMPORT: u8 = 2;
const CODE: u8 = 10;
const DATA: u8 = 11;
const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// One function, or what else the module holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The compiler's name of a function; a word in parentheses for everything else.
    pub(crate) name: String,
    pub(crate) bytes: usize,
}

/// The module without names, producers and everything else that is not needed to run it.
pub(crate) fn without_custom_sections(module: &[u8]) -> Option<Vec<u8>> {
    let mut kept = HEADER.to_vec();
    for section in sections(module)? {
        if section.id != CUSTOM {
            kept.extend_from_slice(section.whole);
        }
    }
    Some(kept)
}

/// What a module with names consists of; together as many bytes as [`without_custom_sections`] leaves.
pub(crate) fn parts(module: &[u8]) -> Option<Vec<Part>> {
    let sections = sections(module)?;
    let find = |id| sections.iter().find(|section| section.id == id);
    let names = sections
        .iter()
        .filter(|section| section.id == CUSTOM)
        .find_map(|section| function_names(section.content))
        .unwrap_or_default();
    let first = match find(IMPORT) {
        Some(imports) => imported_functions(imports.content)?,
        None => 0,
    };
    let mut parts = Vec::new();
    let mut rest = HEADER.len();
    for section in &sections {
        match section.id {
            CUSTOM | CODE => {}
            DATA => parts.push(Part {
                name: "(data)".to_owned(),
                bytes: section.whole.len(),
            }),
            _ => rest += section.whole.len(),
        }
    }
    if let Some(code) = find(CODE) {
        let mut reader = code.content;
        let count = reader.number()?;
        let mut bytes = 0;
        for at in 0..count {
            let before = reader.0.len();
            let length = reader.number()?;
            reader.take(length)?;
            let size = before - reader.0.len();
            bytes += size;
            let name = names.iter().find(|(index, _)| *index == first + at);
            parts.push(Part {
                name: name.map_or_else(|| "(nameless)".to_owned(), |(_, name)| name.clone()),
                bytes: size,
            });
        }
        rest += code.whole.len() - bytes;
    }
    parts.push(Part {
        name: "(types, imports, exports, tables)".to_owned(),
        bytes: rest,
    });
    Some(parts)
}

fn sections(module: &[u8]) -> Option<Vec<Section<'_>>> {
    let mut reader = Reader(module.strip_prefix(HEADER)?);
    let mut sections = Vec::new();
    while !reader.0.is_empty() {
        let start = reader.0;
        let id = reader.byte()?;
        let length = reader.number()?;
        let content = Reader(reader.take(length)?);
        let whole = start.get(..start.len() - reader.0.len())?;
        sections.push(Section { id, whole, content });
    }
    Some(sections)
}

/// The function names of a `name` section; `None` for another custom section.
fn function_names(mut section: Reader<'_>) -> Option<Vec<(usize, String)>> {
    if section.text()? != "name" {
        return None;
    }
    let mut names = Vec::new();
    while !section.0.is_empty() {
        let kind = section.byte()?;
        let length = section.number()?;
        let mut part = Reader(section.take(length)?);
        if kind == 1 {
            for _ in 0..part.number()? {
                names.push((part.number()?, part.text()?.to_owned()));
            }
        }
    }
    Some(names)
}

/// How many functions are imported: they are numbered before the module's own.
fn imported_functions(mut section: Reader<'_>) -> Option<usize> {
    let mut functions = 0;
    for _ in 0..section.number()? {
        section.text()?;
        section.text()?;
        match section.byte()? {
            0 => {
                section.number()?;
                functions += 1;
            }
            1 => {
                section.byte()?;
                section.limits()?;
            }
            2 => section.limits()?,
            3 => {
                section.take(2)?;
            }
            4 => {
                section.byte()?;
                section.number()?;
            }
            _ => return None,
        }
    }
    Some(functions)
}

#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// An unsigned LEB128.
    fn number(&mut self) -> Option<usize> {
        let mut number: usize = 0;
        for shift in (0..).step_by(7).take(5) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn limits(&mut self) -> Option<()> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 == 1 {
            self.number()?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with an imported function, two of its own, of which one has a name, and four bytes of data.
    const SAMPLE: &[u8] = b"\0asm\x01\0\0\0\
        \x01\x04\x01\x60\0\0\
        \x02\x07\x01\x01a\x01b\0\0\
        \x03\x03\x02\0\0\
        \x05\x03\x01\0\x01\
        \x0a\x08\x02\x02\0\x0b\x03\0\x01\x0b\
        \x0b\x0a\x01\0\x41\0\x0b\x04wxyz\
        \0\x0d\x04name\x01\x06\x01\x01\x03one\
        \0\x04\x03abc";

    #[test]
    fn every_byte_that_is_shipped_belongs_to_a_part() {
        let parts = parts(SAMPLE).unwrap();
        let shipped = without_custom_sections(SAMPLE).unwrap();
        assert_eq!(parts.iter().map(|part| part.bytes).sum::<usize>(), shipped.len());
        let bytes = |name: &str| parts.iter().find(|part| part.name == name).map(|part| part.bytes);
        assert_eq!(
            (bytes("one"), bytes("(nameless)"), bytes("(data)")),
            (Some(3), Some(4), Some(12))
        );
        assert!(without_custom_sections(&shipped).unwrap() == shipped);
    }

    #[test]
    fn what_is_no_module_or_cut_short_is_refused() {
        assert!(parts(b"").is_none() && parts(b"nonsense").is_none());
        assert!(parts(SAMPLE.get(..SAMPLE.len() - 1).unwrap()).is_none());
        assert!(without_custom_sections(SAMPLE.get(..20).unwrap()).is_none());
    }
}
