//! A fake Alert Logic on a loopback port: two accounts in which everything answers, and replies that a test puts in
//! the way. Notes whatever a reading client must not do.

pub mod world;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::Response,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::AbortHandle};

/// Id of the only key it takes.
pub const KEY_ID: &str = "61fb235617960503";
/// The key itself.
pub const SECRET_KEY: &str = "planted-secret-key";
/// `KEY_ID:SECRET_KEY` as it goes over the wire.
const BASIC: &str = "Basic NjFmYjIzNTYxNzk2MDUwMzpwbGFudGVkLXNlY3JldC1rZXk=";
/// What must be seen in nothing that leaves the source. Tokens are numbered behind this.
pub const SECRETS: [&str; 7] = [
    SECRET_KEY,
    "NjFmYjIzNTYxNzk2MDUwMzpwbGFudGVkLXNlY3JldC1rZXk",
    "planted-token",
    "planted-session-token",
    "planted-external-id",
    "planted-webhook",
    "planted-p",
];

/// What the server answers instead of what it would.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status and a body.
    Json(u16, Value),
    /// A status alone.
    Empty(u16),
    /// A page for people, with the status of a success.
    Html,
    /// An error that repeats the secret key and the token it was given.
    Repeats(u16),
    /// Valid JSON of this many bytes.
    Huge(usize),
    /// No answer, for as long as anyone waits.
    Hang,
    /// The connection ends in the middle of the answer.
    Cut,
}

impl Reply {
    async fn into_response(self, token: &str) -> Response {
        let (status, content_type, body) = match self {
            Self::Json(status, value) => (status, Some("application/json"), Body::from(value.to_string())),
            Self::Empty(status) => (status, None, Body::empty()),
            Self::Html => {
                (200, Some("text/html"), Body::from("<html><body>Sign in, planted-token</body></html>"))
            }
            Self::Repeats(status) => {
                let error = format!("neither {SECRET_KEY} nor {token} is welcome");
                (status, Some("application/json"), Body::from(json!({ "error": error }).to_string()))
            }
            Self::Huge(bytes) => {
                (200, Some("application/json"), Body::from(format!("[\"{}\"]", "x".repeat(bytes))))
            }
            Self::Hang => {
                tokio::time::sleep(Duration::from_hours(1)).await;
                (200, None, Body::empty())
            }
            Self::Cut => {
                let parts = [Ok(Bytes::from_static(b"{\"users\":[")), Err(std::io::Error::other("cut"))];
                (200, Some("application/json"), Body::from_stream(futures::stream::iter(parts)))
            }
        };
        let mut response = Response::builder().status(status);
        if let Some(content_type) = content_type {
            response = response.header("content-type", content_type);
        }
        if status == 401 {
            response = response.header("x-aims-session-token", "planted-session-token");
        }
        response.body(body).unwrap()
    }
}

struct Script {
    path: String,
    reply: Reply,
    /// How often it is still given. `None`: always.
    left: Option<usize>,
}

#[derive(Default)]
struct Shared {
    host: Mutex<String>,
    /// When the world was made: its incidents are of the days before.
    made: DateTime<Utc>,
    logins: AtomicUsize,
    token: Mutex<Option<String>>,
    /// Calls that the token is still good for. `None`: all.
    token_calls_left: Mutex<Option<usize>>,
    calls: Mutex<Vec<String>>,
    violations: Mutex<Vec<String>>,
    scripts: Mutex<Vec<Script>>,
}

/// The server, stopped when dropped.
pub struct Fake {
    /// What to configure as endpoint.
    pub url: String,
    shared: Arc<Shared>,
    server: AbortHandle,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Fake {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let shared =
            Arc::new(Shared { host: Mutex::new(host.clone()), made: Utc::now(), ..Shared::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }).abort_handle();
        Self { url: format!("http://{host}"), shared, server }
    }

    /// Answers calls whose path ends so with `reply`, `times` times.
    pub fn script(&self, path: &str, reply: Reply, times: usize) {
        self.push(path, reply, Some(times));
    }

    /// Answers calls whose path ends so with `reply`.
    pub fn always(&self, path: &str, reply: Reply) {
        self.push(path, reply, None);
    }

    fn push(&self, path: &str, reply: Reply, left: Option<usize>) {
        self.shared.scripts.lock().unwrap().push(Script { path: path.to_owned(), reply, left });
    }

    /// Lets the token run out after so many calls.
    pub fn expire_after(&self, calls: usize) {
        *self.shared.token_calls_left.lock().unwrap() = Some(calls);
    }

    /// How often someone logged in.
    pub fn logins(&self) -> usize {
        self.shared.logins.load(Ordering::SeqCst)
    }

    /// Paths of the calls so far, with their queries.
    pub fn calls(&self) -> Vec<String> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// What a reading client must not have done.
    pub fn violations(&self) -> Vec<String> {
        self.shared.violations.lock().unwrap().clone()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let token = headers.get("x-aims-auth-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    reply(&shared, &method, &uri, &headers).into_response(token).await
}

fn reply(shared: &Shared, method: &Method, uri: &Uri, headers: &HeaderMap) -> Reply {
    let path = uri.path();
    shared.calls.lock().unwrap().push(uri.to_string());
    let violate = |what: &str| shared.violations.lock().unwrap().push(format!("{what}: {method} {uri}"));
    let is_login = method == Method::POST && path == "/aims/v1/authenticate";
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if is_login {
        shared.logins.fetch_add(1, Ordering::SeqCst);
        if header("content-length") != Some("0") {
            violate("a login without a length");
        }
    } else {
        if method != Method::GET {
            violate("not reading");
        }
        if header("authorization").is_some() {
            violate("the key after the login");
        }
        if header("x-aims-auth-token").is_none() {
            violate("no token");
        }
    }
    if header("accept") != Some("application/json") {
        violate("no word of JSON");
    }
    if !is_login && !is_valid(shared, header("x-aims-auth-token")) {
        return Reply::Empty(401);
    }
    if let Some(reply) = scripted(shared, path) {
        return reply;
    }
    if is_login {
        return login(shared, header("authorization"));
    }
    let query: Vec<(String, String)> = form(uri.query().unwrap_or_default());
    let host = shared.host.lock().unwrap().clone();
    world::answer(path, &query, &host, shared.made)
}

fn is_valid(shared: &Shared, token: Option<&str>) -> bool {
    let mut left = shared.token_calls_left.lock().unwrap();
    if let Some(count) = left.as_mut() {
        if *count == 0 {
            *left = None;
            *shared.token.lock().unwrap() = None;
        } else {
            *count -= 1;
        }
    }
    token.is_some() && token == shared.token.lock().unwrap().as_deref()
}

fn scripted(shared: &Shared, path: &str) -> Option<Reply> {
    let mut scripts = shared.scripts.lock().unwrap();
    let script = scripts.iter_mut().find(|script| path.ends_with(&script.path) && script.left != Some(0))?;
    if let Some(left) = &mut script.left {
        *left -= 1;
    }
    Some(script.reply.clone())
}

fn login(shared: &Shared, authorization: Option<&str>) -> Reply {
    if authorization != Some(BASIC) {
        return Reply::Empty(StatusCode::UNAUTHORIZED.as_u16());
    }
    let token = format!("planted-token-{}", shared.logins.load(Ordering::SeqCst));
    *shared.token.lock().unwrap() = Some(token.clone());
    let user = world::file("token-info")["user"].clone();
    Reply::Json(
        200,
        json!({ "authentication": {
            "user": user, "account": world::file("account"), "token": token, "token_expiration": 4_102_444_800_i64,
        }}),
    )
}

/// Decodes a query.
fn form(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let hex: String = rest.by_ref().take(2).map(char::from).collect();
                    bytes.push(u8::from_str_radix(&hex, 16).unwrap());
                }
                other => bytes.push(other),
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(k, v)| (decode(k), decode(v)))
        .collect()
}
