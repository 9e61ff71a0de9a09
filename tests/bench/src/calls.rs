//! Calls of one kilobyte, as an API with an orchestration behind it gets them.

use tasktrail::Call;

/// A body of 700 bytes of JSON.
pub const BODY: &str = r#"{"title":"Write the migration guide for the new store","description":"It says what changes for a host, in which order, and how to go back. It has an example for each binding, and a table of the settings that moved.","status":"in_progress","priority":2,"estimateHours":3.5,"assignee":{"name":"Ann","team":"platform","active":true},"labels":["docs","store","p1"],"createdAt":"2026-01-02T03:04:05.678Z","due":null,"links":[{"rel":"self","href":"https://example.org/api/tasks/018f3c2e-7b1a-7c3d-9e4f-0123456789ab"},{"rel":"board","href":"https://example.org/boards/42"}],"checklist":["outline","draft","review by the platform team","examples","publish"],"notify":true}"#;

/// The call at a position: what identifies it differs as it does in a host's day.
pub fn call(at: usize) -> Call {
    let id = |kind: u64, number: usize| format!("018f3c2e-7b1a-7c3d-9e4f-{kind:04x}{number:08x}");
    Call {
        method: "POST".into(),
        path: format!("/api/tasks/{}/start", id(1, at % 20_000)),
        status: Some(201),
        duration_ms: Some(12.375),
        workspace_id: Some(format!("ws_v3icefjzdznkrnveqzg7cc5p{:02}", at % 20)),
        worktree_path: Some(format!("/worktrees/docs-{}", at % 60)),
        run_id: Some(id(2, at / 400)),
        session_id: Some(id(3, at / 100)),
        request_id: Some(id(4, at)),
        project_number: Some(42 + (at % 5) as u64),
        actor: Some(format!("user-{}", at % 30)),
        client_ip: Some("10.0.0.7".into()),
        user_agent: Some("orchestrator/2.1 (node 22.3.0)".into()),
        content_type: Some("application/json".into()),
        ..Call::default()
    }
}

/// The first so many calls.
pub fn calls(count: usize) -> Vec<Call> {
    (0..count).map(call).collect()
}

/// What titles and descriptions are made of.
const WORDS: [&str; 32] = [
    "write", "guide", "store", "change", "order", "host", "binding", "table", "setting", "move", "review", "draft",
    "queue", "record", "server", "deploy", "test", "fix", "login", "page", "cache", "index", "retry", "token",
    "branch", "merge", "phase", "report", "window", "limit", "batch", "cursor",
];

/// A body of about 700 bytes whose texts are like no other's, as bodies are: what keeps them cannot fold them into one.
pub fn body(at: usize) -> String {
    let mut state = at as u64;
    let mut word = || {
        // Knuth's multiplier (The Art of Computer Programming, 3.3.4).
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        WORDS[(state >> 59) as usize]
    };
    let mut words = |count: usize| (0..count).map(|_| word()).collect::<Vec<_>>().join(" ");
    let (title, description, first, second) = (words(6), words(30), words(5), words(4));
    format!(
        r#"{{"title":"{title}","description":"{description}","status":"in_progress","priority":{},"estimateHours":{}.5,"assignee":{{"name":"Ann","team":"platform","active":true}},"labels":["docs","store"],"createdAt":"2026-01-02T03:04:05.678Z","due":null,"links":[{{"rel":"self","href":"https://example.org/api/tasks/{at}"}}],"checklist":["{first}","{second}"],"notify":true}}"#,
        at % 5,
        at % 40,
    )
}
