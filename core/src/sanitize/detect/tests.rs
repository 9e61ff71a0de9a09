//! The catalogue proves itself: every sample of every detector, in all surroundings.

use std::collections::HashSet;

use proptest::prelude::*;

use super::super::pattern::tests::steps_of;
use super::check::Check;
use super::table::{self, Detector, Lead};
use super::*;

const HASHED: &str = "[hmac:abcdefghijklmnopqrstuvwx27]";

fn all_on() -> &'static Detectors {
    static ALL: LazyLock<Detectors> = LazyLock::new(|| Detectors::with(Vec::new(), |_, _| true).unwrap());
    &ALL
}

/// A sample without its marks, and where the secret is in it.
fn sample(written: &str) -> (String, usize, usize) {
    let mark = if written.contains('¦') { '¦' } else { '~' };
    let text = written.replace(mark, "");
    match text.split_once('«') {
        Some((lead, rest)) => {
            let (secret, behind) = rest.split_once('»').unwrap();
            (format!("{lead}{secret}{behind}"), lead.len(), lead.len() + secret.len())
        }
        None => {
            let end = text.len();
            (text, 0, end)
        }
    }
}

fn part(text: &str, range: std::ops::Range<usize>) -> &str {
    text.get(range).unwrap()
}

fn found<'d>(detectors: &'d Detectors, text: &str) -> Vec<(&'d str, usize, usize)> {
    detectors
        .scan(text)
        .map(|found| (detectors.id(found.detector), found.start, found.end))
        .collect()
}

/// Whether the secret takes all that is behind it.
fn takes_the_rest(detector: &Detector, text: &str) -> bool {
    detector.check == Check::ToEnd || (detector.check == Check::Pem && !text.contains("-----END"))
}

#[test]
fn the_catalogue_is_in_order() {
    let mut ids = HashSet::new();
    for detector in table::all() {
        let id = detector.id;
        assert!(ids.insert(id), "{id} twice");
        assert!(id.starts_with("value:"), "{id}");
        assert!(
            id.bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b':')),
            "{id}"
        );
        assert!(
            !detector.hits.is_empty() && !detector.misses.is_empty(),
            "{id} has no samples"
        );
        for pattern in [
            Some(detector.secret),
            match detector.lead {
                Lead::None => None,
                Lead::Behind(lead) | Lead::Named(lead) => Some(lead),
            },
        ]
        .into_iter()
        .flatten()
        {
            if let Err(fault) = Pattern::parse(pattern) {
                panic!("{id}: {pattern}: {fault:?}");
            }
        }
        for written in detector.hits {
            assert!(written.contains(['~', '¦']), "{id}: a sample in one piece: {written}");
        }
    }
    assert!(ids.len() >= 150);
    assert_eq!(ids.len(), Detectors::ids().count());
    assert_eq!(
        Detectors::shipped().all.len(),
        table::all().filter(|detector| detector.on).count()
    );
}

#[test]
fn every_hit_is_found_by_its_own_detector_in_its_whole_extent() {
    let detectors = all_on();
    let mut faults = Vec::new();
    for detector in table::all() {
        for written in detector.hits {
            let (text, start, end) = sample(written);
            let expected = [(detector.id, start, end)];
            if found(detectors, &text) != expected {
                faults.push(format!(
                    "{}: {text}: {:?}, not {expected:?}",
                    detector.id,
                    found(detectors, &text)
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_miss_is_found() {
    let detectors = all_on();
    let mut faults = Vec::new();
    for detector in table::all() {
        for written in detector.misses {
            let (text, ..) = sample(written);
            if found(detectors, &text).iter().any(|(id, ..)| *id == detector.id) {
                faults.push(format!("{}: {text}: {:?}", detector.id, found(detectors, &text)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn hits_are_found_in_all_surroundings() {
    let detectors = all_on();
    let mut faults = Vec::new();
    for detector in table::all() {
        for written in detector.hits {
            let (text, start, end) = sample(written);
            for (before, behind) in [
                (r#"{"value":""#, r#"","next":1}"#),
                ("VALUE=", "\nNEXT=1"),
                (r"line\n", r"\nnext"),
                ("(", ")"),
                ("I have got ", ", what now?"),
                ("größe→", " → größe"),
                ("q%3D", "&x=1"),
                ("/path/", "\t"),
                ("<b>", "</b>"),
                ("a sentence with ", ""),
            ] {
                if takes_the_rest(detector, &text) && !behind.is_empty() {
                    continue;
                }
                // `\nann@…` could as well be the address of Nann.
                if detector.check == Check::Email && before.contains(['\\', '%']) {
                    continue;
                }
                let around = format!("{before}{text}{behind}");
                let expected = (detector.id, before.len() + start, before.len() + end);
                let all = found(detectors, &around);
                if all != [expected] {
                    faults.push(format!("{}: {around}: {all:?}, not {expected:?}", detector.id));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_stands_for_a_secret_is_none() {
    let detectors = all_on();
    let mut faults = Vec::new();
    for detector in table::all() {
        for written in detector.hits {
            let (text, start, end) = sample(written);
            let kept: String = part(&text, start..end)
                .chars()
                .rev()
                .take(4)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            for mark in ["[redacted]", HASHED, &format!("****{kept}")] {
                for (before, behind) in [("", ""), ("\"", "\""), ("KEY=", " x"), ("it is ", ", so")] {
                    let replaced = format!(
                        "{before}{}{mark}{}{behind}",
                        part(&text, 0..start),
                        part(&text, end..text.len())
                    );
                    let again = found(detectors, &replaced);
                    if !again.is_empty() {
                        faults.push(format!("{}: {replaced}: {again:?}", detector.id));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_mark_hides_no_secret() {
    let detectors = Detectors::shipped();
    let (token, ..) = sample(Detectors::sample_of("value:github_pat"));
    for text in [
        format!("[redacted]{token}"),
        format!("****{token}"),
        format!("****1234 {token}"),
        format!("[hmac:{token}]"),
        format!("{HASHED}{token}"),
        format!("[redacted {token}]"),
    ] {
        assert_eq!(found(detectors, &text).len(), 1, "{text}");
    }
}

impl Detectors {
    fn sample_of(id: &str) -> &'static str {
        table::all().find(|detector| detector.id == id).unwrap().hits[0]
    }
}

fn host(id: &str, after: Option<&str>, pattern: &str) -> HostDetector {
    HostDetector {
        id: id.to_owned(),
        after: after.map(str::to_owned),
        pattern: pattern.to_owned(),
        entropy: 0.0,
    }
}

#[test]
fn hosts_add_detectors_and_switch_off_others() {
    let detectors = Detectors::with(
        vec![
            host("acme", None, r"acme-\d{4}"),
            host("pin", Some(r"(?i)pin\s?:\s?"), r"\d{3,6}"),
            host("open", Some("say "), r"[^\s]+"),
            host("short", None, "§?%!"),
        ],
        |id, on| on && id != "value:github_pat",
    )
    .unwrap_err();
    assert_eq!(detectors.0, 3);
    let detectors = Detectors::with(
        vec![
            host("acme", None, r"acme-\d{4}"),
            host("pin", Some(r"(?i)pin\s?:\s?"), r"\d{3,6}"),
            host("open", Some("say "), r"[^\s]+"),
            host("short", None, "%!"),
        ],
        |id, on| on && id != "value:github_pat",
    )
    .unwrap();
    let detectors = &detectors;
    assert_eq!(found(detectors, "acme-1234"), [("acme", 0, 9)]);
    assert_eq!(found(detectors, "acme-12345, xacme-1234"), []);
    assert_eq!(found(detectors, "myPIN: 123"), [("pin", 7, 10)]);
    assert_eq!(found(detectors, "say größe!. x"), [("open", 4, 12)]);
    assert_eq!(found(detectors, "end%!"), [("short", 3, 5)]);
    assert_eq!(found(detectors, "say [redacted] say ****ab"), []);
    assert_eq!(found(detectors, "pin:****1234 pin:12345"), [("pin", 17, 22)]);
    assert_eq!(detectors.host(1), Some(1));
    assert_eq!(detectors.host(4), None);
    let (token, ..) = sample(Detectors::sample_of("value:github_pat"));
    assert_eq!(found(detectors, &token), []);
    for (position, fault) in [
        (0, vec![host("x", None, "a|b")]),
        (1, vec![host("x", None, "a"), host("y", Some("("), "b")]),
    ] {
        assert_eq!(Detectors::with(fault, |_, on| on).unwrap_err().0, position);
    }
}

#[test]
fn the_special_wins_over_the_general() {
    let detectors = Detectors::shipped();
    let (token, ..) = sample(Detectors::sample_of("value:github_pat"));
    for lead in ["Authorization: Bearer ", "https://x:", "password="] {
        let text = format!("{lead}{token}@host");
        let expected = ("value:github_pat", lead.len(), lead.len() + token.len());
        assert_eq!(
            found(
                detectors,
                &text.replace(if lead.contains("//") { "" } else { "@host" }, "")
            ),
            [expected]
        );
    }
}

#[test]
fn a_name_is_known_in_all_its_spellings() {
    let key = ["0f1e2d3c4b5a6978", "8796a5b4c3d2e1f0"].concat();
    for (name, assigned) in [
        ("datadog_api_key", "="),
        ("DATADOG_API_KEY", "="),
        ("MY_DATADOG_API_KEY", " := "),
        ("myDatadogApiKey", ": "),
        ("\"myDatadogApiKey\"", ": \""),
        (r#"{\"datadog_token\""#, r#":\""#),
        ("Datadog API key", ": "),
        ("config['datadog.key']", " = '"),
        ("datadog-secret", " => `"),
        ("q=1%26datadog_key", "%3D"),
        (r"x\ndatadog_key", "="),
        ("--datadog-api-key", "="),
    ] {
        let text = format!("{name}{assigned}{key}");
        let expected = ("value:datadog_api_key", text.len() - key.len(), text.len());
        assert_eq!(found(Detectors::shipped(), &text), [expected], "{text}");
    }
    for name in [
        "undatadog_cred=",
        "datadog_trace_id=",
        "datadog_cred ",
        "datadog_cred,cred=",
    ] {
        assert_eq!(found(Detectors::shipped(), &format!("{name}{key}")), [], "{name}");
    }
}

#[test]
fn a_search_from_the_middle_finds_what_begins_there() {
    let detectors = Detectors::shipped();
    let (token, ..) = sample(Detectors::sample_of("value:github_pat"));
    let text = format!("{token} {token}");
    let first = detectors.find(&text, 0).unwrap();
    assert_eq!((first.start, first.end), (0, token.len()));
    let second = detectors.find(&text, first.end).unwrap();
    assert_eq!((second.start, second.end), (token.len() + 1, text.len()));
    assert_eq!(detectors.find(&text, 1).unwrap(), second);
    for from in [second.end, text.len() + 1, usize::MAX] {
        assert_eq!(detectors.find(&text, from), None);
    }
    assert_eq!(detectors.find("", 0), None);
}

#[test]
fn few_beginnings_pass_the_filter() {
    let filter = &Detectors::shipped().filter;
    let passing: u32 = filter.iter().map(|word| word.count_ones()).sum();
    assert!(passing < 1 << (FILTER_BITS - 3), "{passing} of {}", 1 << FILTER_BITS);
}

#[test]
fn work_grows_with_the_text_only() {
    let detectors = all_on();
    let mut faults = Vec::new();
    let mut pieces: Vec<String> = [
        "eyJ",
        "eyJ-",
        "eyJa.",
        "eyJaaaaaaaaaa.",
        "eyJ.eyJaaaaaaaa-",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n-----END ",
        "-----BEGIN CERTIFICATE-----\n",
        "datadog",
        "datadog ",
        "datadog_api_key",
        "datadog_api_key=",
        "aws_",
        "://",
        "://a:",
        "://a:b",
        "password=",
        "pwd=",
        "a.",
        "a@",
        "1.",
        "1:",
        "+1",
        "4111 ",
        "4111-",
        "bearer ",
        "Bearer a-",
        "basic ",
        "basic QUFBQUFB ",
        "****",
        "[hmac:",
        "[redacted]",
        "%3D",
        "\\n",
        "sk-",
        "sk-ant-api03-",
        "hf_",
        "ya29.",
        "x.atlasv1.",
        "$6$",
        "$argon2id$",
        "xoxb-",
        "AKIA",
        "host=a ",
        "host=a user=b ",
        "_",
        "-",
        "ä",
        "Aa",
        "x-api-key: ",
        "token: ",
        "/home/",
        "glpat-",
        "pypi-AgEIcHlwaS5vcmc-",
        "1//0-",
        "A3-",
        "dp.st.",
        "[",
        " ",
        "\\",
        "PuTTY-User-Key-File-3",
        "EAA",
        "SG.",
        "sl.u.",
        "00D",
        "t1.",
        "pbkdf2_sha256$1$aaaaaaaa$",
        "oauth:",
        "A-",
        ";pwd=",
        "; password = ",
    ]
    .map(str::to_owned)
    .to_vec();
    for detector in table::all() {
        let (text, start, end) = sample(detector.hits[0]);
        pieces.push(format!("{}-", part(&text, 0..end - 1)));
        pieces.push(part(&text, 0..start + (end - start) / 2).to_owned());
    }
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        let steps = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len() + 1);
            (
                steps_of(|| assert!(detectors.scan(&text).count() < text.len())),
                text.len(),
            )
        };
        let (some, _) = steps(1_500);
        let (twice, size) = steps(3_000);
        if twice > 3 * some + 1_000 || twice > 60 * size {
            faults.push(format!("{piece:?}: {some} then {twice}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

proptest! {
    #[test]
    fn any_text_gives_extents_in_order(
        text in prop_oneof![
            ".{0,200}",
            "([a-zA-Z0-9_%=:;@/ .*\\[\\]\\\\\"-]|eyJ|ghp_|Bearer |://|-----BEGIN |password=|ä|\\*\\*\\*\\*|sk-){0,60}",
        ],
        from in 0usize..40,
    ) {
        let detectors = all_on();
        let mut end = 0;
        for found in detectors.scan(&text) {
            prop_assert!(found.start >= end && found.start < found.end, "{:?}", found);
            prop_assert!(text.get(found.start..found.end).is_some());
            prop_assert!(!detectors.id(found.detector).is_empty());
            end = found.end;
        }
        if let Some(found) = detectors.find(&text, from) {
            prop_assert!(found.start >= from && text.get(found.start..found.end).is_some());
        }
    }
}
