//! What names a person or a machine, and is often needed to understand a record: off by default.

use super::check::Check;
use super::table::{Detector, behind, token};

pub(super) const DETECTORS: &[Detector] = &[
    token("value:email", r"@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,6}")
        .check(Check::Email)
        .off()
        .hits(&["ann.lee+x@mail~.example.org"])
        .misses(&["ann@host", "@example.org", "a@b..c", "****cret~@db.example.org"]),
    token("value:ipv4", r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")
        .check(Check::Ipv4)
        .off()
        .hits(&["192.0~.2.44"])
        .misses(&["1.2.3", "999.1.1.1", "1.2.3.4.5", "256.1.1.1"]),
    token("value:ipv6", "[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]+")
        .check(Check::Ipv6)
        .off()
        .hits(&[
            "2001:db8::8a2e:370~:7334",
            "fe80:~:1",
            "2001:0db8:85a~3:0000:0000:8a2e:0370:7334",
        ])
        .misses(&["12:30:45", "a::b::c", "12345::", "::", "dead:beef"]),
    behind(
        "value:user_path",
        r"(?i)([a-z]:\\{1,2}users\\{1,2}|/home/|/users/)",
        r#"[^\s/\\"':;,<>|()&?#]+"#,
    )
    .off()
    .hits(&["/ho~me/«ann»/x", r"C:\Us~ers\«ann»\x", "/Us~ers/«ann»"])
    .misses(&["/homes/ann", "/home/", r"C:\User\ann"]),
    token("value:phone", r"\+[0-9]{1,3}([ ().-]{0,2}[0-9]{2,4}){2,6}")
        .check(Check::Phone)
        .off()
        .hits(&["+49 30 90~1820", "+1 (202) 555-0~143"])
        .misses(&["+1 2", "49 30 901820", "+12 to +14", "+1 2 3 4 5 6"]),
];
