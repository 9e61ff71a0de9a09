//! Secrets of every house: tokens, keys and passwords that no single service owns.

use super::check::Check;
use super::table::{Detector, behind, token};

pub(super) const DETECTORS: &[Detector] = &[
    // Keys in PEM (RFC 7468) and the formats beside it. A private key without its END line goes to the end of the text: half a key is a key.
    token("value:openssh_private_key", "-----BEGIN OPENSSH PRIVATE KEY-----")
        .check(Check::Pem)
        .hits(&[
            r"-----BE~GIN OPENSSH PRIV~ATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----",
            r"-----BE~GIN OPENSSH PRIV~ATE KEY-----\nb3BlbnNzaC1r",
        ])
        .misses(&[
            r"-----BE~GIN OPENSSH PUB~LIC KEY-----\nAAAA\n-----END OPENSSH PUBLIC KEY-----",
            "-----BE~GIN OPENSSH PRIV~ATE",
        ]),
    token("value:pgp_private_key", "-----BEGIN PGP PRIVATE KEY BLOCK-----")
        .check(Check::Pem)
        .hits(&[r"-----BE~GIN PGP PRIV~ATE KEY BLOCK-----\n\nlQVYBGH\n=a1b2\n-----END PGP PRIVATE KEY BLOCK-----"])
        .misses(&[
            r"-----BE~GIN PGP PUB~LIC KEY BLOCK-----\n\nlQVYBGH\n-----END PGP PUBLIC KEY BLOCK-----",
            "-----BE~GIN PGP MESS~AGE-----",
        ]),
    token("value:private_key", "-----BEGIN [A-Z0-9 ]{1,40}-----")
        .check(Check::Pem)
        .hits(&[
            r"-----BE~GIN RSA PRIV~ATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
            r"-----BE~GIN PRIV~ATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----",
            r"-----BE~GIN EC PRIV~ATE KEY-----\nMHcCAQEE",
        ])
        .misses(&[
            r"-----BE~GIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----",
            r"-----BE~GIN PUB~LIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
            "-----BE~GIN rsa priv~ate key-----",
        ]),
    token(
        "value:encoded_private_key",
        "LS0tLS1CRUdJTi(BQUklWQV|BSU0EgU|BFQyBQU|BPUEVO|BFTkNSWVBU|BEU0EgU|BQR1AgU)[A-Za-z0-9+/]{20,}={0,2}",
    )
    .entropy(3.0)
    .hits(&["LS~0tLS1CRUdJTiBQUklW~QV8vKmXJSwXiDMkwgZOBwj"])
    .misses(&["LS~0tLS1CRUdJTiBQUklW~QV8vKmXJSwXiDMkwgZOBw", "LS~0tLS1CRUdJTiBQUklWQ~V8vKmXJ!SwXiDMkwgZOBwj"]),
    token("value:putty_private_key", "PuTTY-User-Key-File-[23]: ?[a-z0-9@.-]+")
        .check(Check::ToEnd)
        .hits(&[r"PuT~TY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\nAAAAIE"])
        .misses(&["PuT~TY-User-Key-File-1: ssh-rsa", "a PuT~TY-User-Key-File"]),
    // JSON Web Tokens (RFC 7519), encrypted ones too: base64 of `{"`, in three parts or five.
    token("value:jwt", r"eyJ[\w-]{8,}\.[\w-]{10,}\.[\w-]*(\.[\w-]+\.[\w-]+)?")
        .entropy(3.0)
        .hits(&[
            "eyJ~hbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_~XgL0n3I9PlFUP0THsR8U",
            "«eyJ~hbGciOiJub25lIn0.eyJzdWIiOiIxMjM0NTY3ODkwIn0».",
        ])
        .misses(&[
            "eyJ~hbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
            "eyJ~hbGciOiJIUzI1NiJ9.short.x",
            "eyK~hbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
        ]),
    // Values of headers: RFC 6750, RFC 7617, and what services write in their manner.
    behind("value:bearer", "(?i)bearer(%20| {1,4}|: {0,2})", r"[\w~+/-][\w.~+/-]{7,}={0,2}")
        .entropy(2.5)
        .check(Check::Mixed)
        .hits(&["Authorization: Bea~rer «mF_9.B5f-4.1JqM»", "use bea~rer «abcdef123456»"])
        .misses(&["the bearer token-authentication-scheme", "Bea~rer a1b2c3d", "bearer of 12 news"]),
    behind("value:basic", "(?i)basic(%20| {1,4})", "[A-Za-z0-9+/]{8,}={0,2}")
        .check(Check::Basic)
        .hits(&["Authorization: Ba~sic «QWxhZGRpbjpvcGVu~IHNlc2FtZQ==»", "ba~sic «YW5uOnMzY3JldA==»"])
        .misses(&["Basic information", "ba~sic QWxhZGRpbg==", "basic knowledge1"]),
    behind(
        "value:token_header",
        r#"(?i)authorization["']{0,2}\s?[:=]\s?["']{0,2}(token|apikey|api-key|key|negotiate|hawk|oauth|gogs|pat) {1,2}"#,
        r"[\w.~+/-]{12,}={0,2}",
    )
    .entropy(3.0)
    .hits(&["Authori~zation: Token «9944b09199c62bcf9418~ad846dd0e4bb»"])
    .misses(&["Authori~zation: Token short", "authorized: Token 9944b09199c62bcf9418~ad846dd0e4bb"]),
    behind(
        "value:key_header",
        r#"(?i)x-((goog|shopify|vault|amz|gitlab|auth|csrf|github|plex|figma|redmine)-)?(api-key|auth-token|access-token|token|secret)["']{0,2}: {0,2}["']{0,2}"#,
        r"[\w.~+/-]{12,}={0,2}",
    )
    .entropy(3.0)
    .hits(&["X-Api~-Key: «k3v9Qw7Tz61L~mPa8Xc2B»", "curl -H 'x-gitlab-to~ken: «k3v9Qw7Tz61L~mPa8Xc2B»'"])
    .misses(&["X-Api~-Key: short", "X-Api~-Kind: k3v9Qw7Tz61L~mPa8Xc2B"]),
    // Sessions of web frameworks, as they stand in a header or a log.
    behind(
        "value:session_cookie",
        r"(?i)(connect\.sid|phpsessid|jsessionid|laravel_session|asp\.net_sessionid|\.aspnetcore\.[a-z.]{1,40}|sessionid|(__secure-)?(next-auth|authjs)\.session-token|__session|_session_id)=",
        r"[\w.%+/-]{16,}={0,2}",
    )
    .entropy(3.0)
    .hits(&[
        "Cookie: connect~.sid=«s%3A0f1e2d3c4b5a69788~796a5b4c3d2e1f0»; theme=dark",
        "PHPSE~SSID=«q8zt5lmw2x~kpv9rbw4»",
    ])
    .misses(&["Cookie: connect~.sid=short", "sessionid_count=q8zt5lmw2x~kpv9rbw4", "session: q8zt5lmw2x~kpv9rbw4"]),
    // Passwords in URLs (RFC 3986, section 3.2.1) and in connection strings (ADO.NET, ODBC, libpq).
    behind("value:url_password", r#"://[^\s/?#"<>:]{0,64}:"#, r#"[^\s/?#"<>`]+"#)
        .check(Check::UrlPassword)
        .hits(&[
            "mongodb+srv:/~/ann:«s3cret»@db.example.org/x",
            "redis:/~/:«p~wd»@cache:6379/0",
            "https:/~/ann:«p@ss:w0rd»@host",
            "amqp:/~/u:«%40b»@h",
        ])
        .misses(&[
            "https://host:8080/a@b",
            "https://[::1]:80/x",
            "see http://host:80, mail ann@example.org",
            "mongodb:/~/ann:@db",
        ]),
    behind("value:connection_password", r#"(?i);\s?(password|pwd)\s?=\s?["']?"#, r#"[^\s;"'&]{3,}"#)
        .hits(&["Server=db;User Id=ann;Pass~word=«s3cr3t!x»;Encrypt=true", "Driver={x};Uid=ann;P~wd=«hunter2»;Port=1"])
        .misses(&["Server=db;User Id=ann;Pass~word=;x", "reset;password reset = done"]),
    behind(
        "value:libpq_password",
        r#"(?i)(host|user|dbname|port)=[\w.-]{1,60} ((host|user|dbname|port|sslmode)=[\w.-]{1,60} ){0,6}password=["']?"#,
        r#"[^\s"']{3,}"#,
    )
    .hits(&["host=db user=ann pass~word=«s3cr3t» dbname=x"])
    .misses(&["host=db user=ann pass~word= ok", "your pass~word=ok"]),
    // An assignment whose name ends in a word for a secret, and whose value is no word.
    behind(
        "value:assigned_password",
        r#"(?i)(password|passwd|passphrase|pwd)["'\\]{0,3}\s?(=>|:=|=|:|%3D|%3A)\s?["'\\]{0,3}"#,
        r"[\w.~+/!@#%^-]{8,}={0,2}",
    )
    .entropy(2.5)
    .check(Check::Mixed)
    .hits(&["pass~word=«Tr0ub4dor-x3»", r#""dbPass~word": "«q8Zt5LmW2x»""#])
    .misses(&["pass~word: must be long", "passwordless=Tr0ub4dor-x3", "pass~word=aaaaaaa1"]),
    behind(
        "value:assigned_secret",
        r#"(?i)(secret_?key|secret|api_?key|api-key|access_?key|token|private_?key|encryption_?key|signing_?key)["'\\]{0,3}\s?(=>|:=|=|:|%3D|%3A)\s?["'\\]{0,3}"#,
        r"[\w.~+/!@#%^-]{16,}={0,2}",
    )
    .entropy(3.3)
    .check(Check::Mixed)
    .hits(&[
        r#""client_sec~ret": "«q8Zt5LmW2x~KpV9rBw4»""#,
        "MY_API~_KEY=«q8Zt5LmW2x~KpV9rBw4»",
        "accessTo~ken: «q8Zt5LmW2x~KpV9rBw4»",
    ])
    .misses(&[
        "the secret: nothing",
        "api~_key=aaaaaaaaaaaaaaa1",
        "to~ken: task-2024-06",
        "tokens: q8Zt5LmW2x~KpV9rBw4",
        "secret_count=1234567890123456a",
    ]),
    // Card numbers (ISO/IEC 7812): Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay; whole or in groups.
    token(
        "value:card_number",
        "((4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|6011|64[4-9][0-9]|65[0-9]{2}|62[0-9]{2}|35[2-8][0-9])[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}|3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}|3[068][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{4})",
    )
    .check(Check::Card)
    .hits(&[
        "4111~111111111111",
        "5500 00~00 0000 0004",
        "3782-822~463-10005",
        "6011~1111 1111 1117",
        "30569~309025904",
        "3530111~333300000",
        "2223 0031 2200~ 3222",
    ])
    .misses(&[
        "4111~111111111112",
        "0.4111~111111111111",
        "41111111~111111111",
        "4111~1111 1111 1111 1234",
        "7111~111111111111",
        "1700000000000",
        "4111~-1111-1111-1111-22",
    ]),
];
