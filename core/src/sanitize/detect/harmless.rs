//! What is no secret, and what no detector that is on by default may take for one.

use super::Detectors;

/// Ids, digests, encodings, addresses, names, prose, code.
const HARMLESS: &[&str] = &[
    // Ids.
    "0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d3e",
    r#"{"id":"f47ac10b-58cc-4372-a567-0e02b2c3d479","parent":"urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"}"#,
    "01ARZ3NDEKTSV4RRFFQ69G5FAV 01HGW2N7EHJVKH6B6QZ0YV8W4T",
    "507f1f77bcf86cd799439011",
    "task_id=42&session_id=sess-7f3a&project=tasktrail&page=2",
    "x-request-id: 7d9f8c1b2a3e4d5f, x-amzn-trace-id: Root=1-67891233-abcdef012345678912345678",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "x-datadog-trace-id: 1234567890123456789, datadog.trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
    "arn:aws:iam::123456789012:role/service-role/MyLambdaExecutionRole",
    "projects/my-project-123456/locations/europe-west1/keyRings/ring/cryptoKeys/key/cryptoKeyVersions/1",
    "V1StGXR8_Z5jdHi6B-myT cjld2cjxh0000qzrmn831i7rn",
    // Digests.
    "commit 5e30ead0fcadbd1656d029b19b428d2e6add5c0a (HEAD -> main)",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "d41d8cd98f00b204e9800998ecf8427e  empty.txt",
    r#"integrity "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg==""#,
    "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "image: registry.example.org/app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "etag: W/\"5d8c72a5edda8d6a-3239\", if-none-match: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
    "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8 github.com (ED25519)",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ann@host",
    "github.com/stretchr/testify v1.9.0 h1:HtqpIVDClZ4nwg75+f6Lvsy/wHu+3BoSGCbBAcpTsTg=",
    // Encodings.
    "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2NpbmcgZWxpdCwgc2VkIGRvIGVpdXNtb2QgdGVtcG9yIGluY2lkaWR1bnQ=",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUc2VsZi1zaWduZWQtZXhhbXBsZQ==\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
    "eyJwYWdlIjoyLCJhZnRlciI6IjIwMjQtMDYtMDEifQ==",
    "deadbeefcafebabe0123456789abcdef00112233445566778899aabbccddeeff",
    "%7B%22page%22%3A2%2C%22filter%22%3A%22state%3Dopen%22%7D",
    // Dates, numbers, versions, colours.
    "2026-01-31T23:59:59.999Z 2024-W05-3 20240229T120000Z 1717243200000 1717243200123456 1717243200123456789",
    "0.4111111111111111 -4.2424242424242424e-12 4.0000000000000002 3.141592653589793 9007199254740993",
    "v1.2.3-beta.4+build.20240601 ^4.17.21 ~1.0.0 >=20.19 <=3.0.0-rc.1 1.30.0-alpha.0.1",
    "#1e90ff rgba(30, 144, 255, 0.5) hsl(210deg 100% 56%) #4caf50ff",
    "total 4012 8888 0000 1234 tickets; 4111 1111 1111 1112; IBAN DE89 3704 0044 0532 0130 00",
    "order 4000000000000 of 5105105105105101, lot 30000000000000",
    // Addresses.
    "mail Ann Lee <ann.lee@example.org> or call +1 202 555 0143; host 192.168.0.1, fe80::1",
    "http://localhost:3000/a@b https://example.org:8443/x?y=1#z ws://127.0.0.1:8080 ssh://git@example.org/x.git",
    "git@github.com:stokedconsulting/tasktrail.git git+https://github.com/user/repo.git#semver:^5.0",
    "mongodb://localhost:27017/app?replicaSet=rs0 postgres://db.example.org/app?sslmode=require redis://cache:6379/0",
    "https://hooks.slack.com/ https://discord.com/api/webhooks https://api.stripe.com/v1/charges",
    "https://user@example.org/ https://example.org/~user:home @scope/package@1.2.3",
    "https://storage.googleapis.com/bucket/key.json?generation=1717243200123456&alt=media",
    "vscode-remote://ssh-remote+host/home/ann/app/src/main.rs:12:34 C:\\Users\\ann\\AppData\\Local\\Temp\\npm-cache",
    "/usr/lib/node_modules/npm_config_registry/key-value-store/sk-learn/secret_santa.py",
    "worktrees/fix-token-refresh/.git/refs/heads/feature/api-key-rotation-and-password-reset",
    "urn:ietf:params:oauth:token-type:access_token urn:ietf:params:oauth:grant-type:jwt-bearer",
    // Names that resemble.
    "sk-learn-style-docs-for-the-new-release sk-SK locale xoxb npm_package_name npm_config_user_agent=npm/10.8.1",
    "md-icon-button-with-menu-trigger pa-ragraph-as-bullet-points-with-a-very-long-heading-text-here",
    "re_export_everything_from_the_module_that_holds_it hf_transfer r8_unorm gsk_application_window",
    "pub const SKIP_VALIDATION_FOR_INTERNAL_CALLS: bool = false; AKIArchitecture; AIzawa",
    "cioAbstractSynchronizedFactoryBean ghp_ glpat- github_pat_ dapi_version pul-request key-value api-gateway",
    "rk_live_stream sk_live sk_test_mode whsec_ SG.sendgrid EAAccess EZAKnot shpat_ lin_api_ secret_key_base",
    "APIKeyAuthenticationMiddlewareFactory API-REFERENCE-DOCUMENTATION-INDEX-PAGE",
    "st.session_state hvs.vault s.substring dp.st.x sl.umd t1.timestamp pat.match ya29.",
    // Prose.
    "Every bearer of the basic token is a secret admirer; the password must be at least 12 characters long.",
    "Basic authentication failed. Bearer authentication required. Use a Bearer token, e.g. Bearer <token>.",
    "password: required, secret: optional, token: string (max 4096), api_key: see docs, private key: none",
    "The API key rotates every 30 days; set DATADOG_API_KEY, STRIPE_SECRET_KEY and GITHUB_TOKEN in the environment.",
    "export GITHUB_TOKEN=$GITHUB_TOKEN NPM_TOKEN=${NPM_TOKEN} password=\"$PASSWORD\" token=<your-token> --password=****",
    "Die Größe der Datei überschreitet 10 MB → bitte kürzen. パスワードを忘れた場合 🔑 «naïve» façade",
    "segment analytics key: value pairs; linear algebra; box sizing; render props; modal dialog; wise words; line 42",
    "twilio account opened; postmark dated 2024-06-01; heroku app=my-app-12345; sentry duty; drone footage; vault door",
    "heroku_app_id=01234567-89ab-cdef-0123-456789abcdef, consul_node_id=01234567-89ab-cdef-0123-456789abcdef",
    // Code.
    "colon2_token: self.colon2_token.clone(), password = base64.b16encode(random_bytes[:8]), url_auth = get_auth_from_url(url)",
    "eyJ.parse(x).y; const eyJToken = eyJ.value; private_key: PrivateKeyDer<'static>, secret: Option<Secret64Bytes>",
    "let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());",
    "const password = process.env.DB_PASSWORD ?? config.get('database.password');",
    "if (apiKey === undefined) throw new UnauthorizedException('missing X-Api-Key header');",
    "Authorization: Bearer ${accessToken}\nX-Api-Key: {{api_key}}\nCookie: theme=dark; lang=en",
    "SELECT * FROM users WHERE token = $1 AND password_hash = crypt($2, password_hash) LIMIT 10;",
    "at Object.<anonymous> (/app/node_modules/jest-circus/build/utils.js:298:28)\n    at processTicksAndRejections (node:internal/process/task_queues:95:5)",
    "thread 'main' panicked at src/main.rs:4:5:\nindex out of bounds: the len is 3 but the index is 99",
    r#"{"operationType":"task.started","targetId":"42","durationMs":12.5,"status":201,"ok":true,"none":null}"#,
    r#"{\"state\":\"open\",\"labels\":[\"bug\",\"p1\"],\"count\":3}"#,
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "================ ---------------- ________________ ................ //////////////// ****************",
];

/// Texts of this repository.
const OWN: &[&str] = &[
    include_str!("../../../../README.md"),
    include_str!("../../../../docs/guarantees.md"),
    include_str!("../../../../Cargo.toml"),
    include_str!("../../lib.rs"),
    include_str!("../../trail.rs"),
    include_str!("../../error.rs"),
    include_str!("../../query.rs"),
    include_str!("../../workspace/mod.rs"),
    include_str!("../keys.rs"),
    include_str!("../pattern.rs"),
    include_str!("mod.rs"),
    include_str!("check.rs"),
    include_str!("table.rs"),
];

fn first_secret(text: &str) -> Option<(&str, &str)> {
    let detectors = Detectors::shipped();
    let found = detectors.find(text, 0)?;
    Some((detectors.id(found.detector), text.get(found.start..found.end)?))
}

#[test]
fn ordinary_text_holds_no_secret() {
    let found: Vec<_> = HARMLESS
        .iter()
        .filter_map(|text| first_secret(text).map(|secret| (secret, *text)))
        .collect();
    assert_eq!(found, []);
}

#[test]
fn the_texts_of_this_repository_hold_no_secret() {
    for text in OWN {
        assert_eq!(first_secret(text), None, "{}", text.lines().take(2).collect::<String>());
    }
}
