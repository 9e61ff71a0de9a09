//! What is no secret, and what no detector that is on by default may take for one.

use super::Detectors;

const HARMLESS: &[&str] = &["x"];

#[test]
fn ordinary_text_holds_no_secret() {
    for text in HARMLESS {
        let found = Detectors::shipped().find(text, 0);
        assert_eq!(
            found.map(|found| (Detectors::shipped().id(found.detector), &text[found.start..found.end])),
            None,
            "{text}"
        );
    }
}
