//! A fake API server of Kubernetes on a loopback port: one cluster that answers, page by page, and replies that a test puts
//! in the way.

pub mod world;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::AbortHandle};

/// The only token it takes.
pub const TOKEN: &str = "planted-token";
/// What must be seen in nothing that leaves the source.
pub const SECRETS: [&str; 8] = [
    TOKEN,
    "planted-annotation",
    "planted-label",
    "planted-env",
    "planted-argument",
    "planted-command",
    "planted-manager",
    "planted-html",
];

/// What the server answers instead of what it would.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A `Status` with this code and message.
    Status(u16, &'static str),
    /// The same, to be tried again after so many seconds.
    Wait(u16, u64),
    /// A continuation that is no longer good, with a token to go on inconsistently.
    Expired(Option<&'static str>),
    /// The API is not served.
    NotServed,
    /// A 404 with this body.
    NotFound(Value),
    /// 200 and this.
    Json(Value),
    /// A page, as gateways answer, with this status.
    Html(u16),
    /// A list of this many bytes.
    Huge(usize),
    /// No answer, for as long as anyone waits.
    Hang,
    /// The connection ends in the middle of the answer.
    Cut,
}

fn status(code: u16, message: &str) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "code": code
    })
}

impl Reply {
    async fn into_response(self) -> Response {
        let mut response = Response::builder();
        let mut content_type = "application/json";
        let body = match self {
            Self::Status(code, message) => {
                response = response.status(code);
                Body::from(status(code, message).to_string())
            }
            Self::Wait(code, seconds) => {
                response = response.status(code).header("retry-after", seconds);
                Body::from(status(code, "slow down").to_string())
            }
            Self::Expired(token) => {
                response = response.status(410);
                let mut body = status(410, "The provided continue parameter is too old");
                body["reason"] = json!("Expired");
                if let Some(token) = token {
                    body["metadata"]["continue"] = json!(token);
                }
                Body::from(body.to_string())
            }
            Self::NotServed => {
                response = response.status(404);
                content_type = "text/plain";
                Body::from("404 page not found")
            }
            Self::NotFound(value) => {
                response = response.status(404);
                Body::from(value.to_string())
            }
            Self::Json(value) => Body::from(value.to_string()),
            Self::Html(code) => {
                response = response.status(code);
                content_type = "text/html";
                Body::from("<html>planted-html</html>")
            }
            Self::Huge(bytes) => {
                Body::from(format!(r#"{{"kind":"PodList","x":"{}","items":[]}}"#, "x".repeat(bytes)))
            }
            Self::Hang => {
                tokio::time::sleep(Duration::from_hours(1)).await;
                Body::empty()
            }
            Self::Cut => {
                let parts = [Ok(Bytes::from_static(b"{\"items\":[")), Err(std::io::Error::other("cut"))];
                Body::from_stream(futures::stream::iter(parts))
            }
        };
        response.header("content-type", content_type).body(body).unwrap()
    }
}

struct Script {
    part: String,
    reply: Reply,
    /// How often it is still given. `None`: always.
    left: Option<usize>,
}

#[derive(Default)]
struct Shared {
    uid: Mutex<Option<String>>,
    calls: Mutex<Vec<String>>,
    scripts: Mutex<Vec<Script>>,
}

/// The server, stopped when dropped.
pub struct Fake {
    /// What to configure as server.
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
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }).abort_handle();
        Self { url, shared, server }
    }

    /// A server of another cluster.
    pub async fn with_uid(uid: &str) -> Self {
        let fake = Self::start().await;
        fake.set_uid(uid);
        fake
    }

    /// Makes it another cluster.
    pub fn set_uid(&self, uid: &str) {
        *self.shared.uid.lock().unwrap() = Some(uid.to_owned());
    }

    /// Answers calls whose path and query have `part` in them with `reply`, `times` times.
    pub fn script(&self, part: &str, reply: Reply, times: usize) {
        self.push(part, reply, Some(times));
    }

    /// Answers them so for good.
    pub fn always(&self, part: &str, reply: Reply) {
        self.push(part, reply, None);
    }

    /// Answers as it should again.
    pub fn reset(&self) {
        self.shared.scripts.lock().unwrap().clear();
    }

    fn push(&self, part: &str, reply: Reply, left: Option<usize>) {
        self.shared.scripts.lock().unwrap().push(Script { part: part.to_owned(), reply, left });
    }

    /// Every call so far: method, path and query.
    pub fn calls(&self) -> Vec<String> {
        self.shared.calls.lock().unwrap().clone()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let call = uri.path_and_query().unwrap().to_string();
    shared.calls.lock().unwrap().push(format!("{method} {call}"));
    let authorized = headers.get("authorization").is_some_and(|value| value == &format!("Bearer {TOKEN}"));
    let reply = scripted(&shared, &call);
    let reply = match reply {
        Some(reply) => reply,
        None if !authorized => Reply::Status(401, "Unauthorized"),
        None => world(&shared, uri.path(), uri.query().unwrap_or_default()),
    };
    reply.into_response().await
}

fn scripted(shared: &Shared, call: &str) -> Option<Reply> {
    let mut scripts = shared.scripts.lock().unwrap();
    let script = scripts.iter_mut().find(|script| call.contains(&script.part) && script.left != Some(0))?;
    if let Some(left) = &mut script.left {
        *left -= 1;
    }
    Some(script.reply.clone())
}

fn world(shared: &Shared, path: &str, query: &str) -> Reply {
    let Some(mut object) = world::at(path) else { return Reply::NotServed };
    let Some(items) = object.get_mut("items").and_then(Value::as_array_mut) else {
        return Reply::Json(object);
    };
    if let Some(uid) = shared.uid.lock().unwrap().as_ref() {
        for item in items.iter_mut().filter(|item| item["metadata"]["name"] == "kube-system") {
            item["metadata"]["uid"] = json!(uid);
        }
    }
    if query.contains("fieldSelector=metadata.name%3Dkube-system") {
        items.retain(|item| item["metadata"]["name"] == "kube-system");
    }
    let parameter = |name: &str| {
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    let limit: usize = parameter("limit").and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
    // A token needs escaping, as real ones do.
    let from = parameter("continue").map_or(Some(0), |token| token.strip_prefix("at%3D")?.parse().ok());
    let Some(from) = from else { return Reply::Status(400, "continue key is not valid") };
    let rest = items.split_off(from.min(items.len()));
    let total = rest.len();
    *items = rest.into_iter().take(limit).collect();
    if total > limit {
        object["metadata"]["continue"] = json!(format!("at={}", from + limit));
    }
    Reply::Json(object)
}
