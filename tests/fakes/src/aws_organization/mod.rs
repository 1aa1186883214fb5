//! A scripted AWS on a loopback port: one organization with Identity Center, cost and STS, in which everything answers, and
//! replies that a test puts in its way.

pub mod world;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use serde_json::{Value, json};

/// An external id for the role; it takes any.
pub const EXTERNAL_ID: &str = "planted-external-id";
/// Secrets that the source is given, or that the world answers with.
pub const SECRETS: [&str; 4] =
    [EXTERNAL_ID, "planted-hub-secret-key", "planted-session-secret-key", "planted-session-token"];

/// What the server answers.
#[derive(Debug, Clone)]
pub enum Reply {
    /// 200 and this.
    Json(Value),
    /// An error of AWS: status, code, message.
    Error(u16, &'static str, &'static str),
    /// Throttling with the wait that is asked for.
    Throttled(&'static str),
    /// Anything else: status and body.
    Raw(u16, &'static str),
    /// Half an answer, and the connection closed.
    Cut,
}

impl Reply {
    /// That a right is missing.
    pub fn access_denied() -> Self {
        Self::Error(400, "AccessDeniedException", "User is not authorized to perform this")
    }

    /// That there is no such thing.
    pub fn absent() -> Self {
        Self::Error(404, "ResourceNotFoundException", "not there")
    }

    fn into_response(self) -> Response {
        let response = Response::builder();
        match self {
            Self::Json(value) => response.body(Body::from(value.to_string())),
            Self::Raw(status, text) => {
                response.status(StatusCode::from_u16(status).unwrap()).body(Body::from(text))
            }
            Self::Error(status, code, message) => {
                response.status(StatusCode::from_u16(status).unwrap()).header("x-amzn-errortype", code).body(
                    Body::from(json!({"__type": code, "Message": message, "message": message}).to_string()),
                )
            }
            Self::Throttled(code) => response
                .status(StatusCode::BAD_REQUEST)
                .header("x-amzn-errortype", code)
                .header("retry-after", "0")
                .body(Body::from(json!({"__type": code, "Message": "Rate exceeded"}).to_string())),
            Self::Cut => {
                let parts: [Result<Bytes, std::io::Error>; 2] =
                    [Ok(Bytes::from_static(b"{\"Acc")), Err(std::io::Error::other("cut"))];
                response.body(Body::from_stream(futures::stream::iter(parts)))
            }
        }
        .unwrap()
    }
}

#[derive(Default)]
struct Script {
    once: HashMap<String, VecDeque<Reply>>,
    always: HashMap<String, Reply>,
    calls: Vec<(String, Value)>,
}

/// The server. Clones speak to the same one. Stops with the test's runtime.
#[derive(Clone)]
pub struct Fake {
    /// What to configure as endpoint.
    pub url: String,
    script: Arc<Mutex<Script>>,
}

impl Fake {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let script = Arc::<Mutex<Script>>::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, script }
    }

    /// Answers the next call of an action with this.
    pub fn once(&self, action: &str, reply: Reply) {
        self.script.lock().unwrap().once.entry(action.to_owned()).or_default().push_back(reply);
    }

    /// Answers every further call of an action with this.
    pub fn always(&self, action: &str, reply: Reply) {
        self.script.lock().unwrap().always.insert(action.to_owned(), reply);
    }

    /// The parameters of each call of an action so far.
    pub fn calls_of(&self, action: &str) -> Vec<Value> {
        let script = self.script.lock().unwrap();
        script.calls.iter().filter(|(name, _)| name == action).map(|(_, call)| call.clone()).collect()
    }

    /// Every action that was called.
    pub fn called(&self) -> Vec<String> {
        self.script.lock().unwrap().calls.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Answers as it should again.
    pub fn reset(&self) {
        *self.script.lock().unwrap() = Script::default();
    }
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let path = uri.path().trim_start_matches('/');
    let (action, call) = match target {
        Some(target) => (target.rsplit('.').next().unwrap().to_owned(), serde_json::from_str(&text).unwrap()),
        // Account Management: `/getAlternateContact`.
        None if !path.is_empty() => {
            (path.replacen("get", "Get", 1), serde_json::from_str(&text).unwrap_or(Value::Null))
        }
        // STS and IAM: a form.
        None => {
            let action = text.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap();
            (action.to_owned(), Value::String(text.clone()))
        }
    };
    let scripted = {
        let mut script = script.lock().unwrap();
        script.calls.push((action.clone(), call.clone()));
        let once = script.once.get_mut(&action).and_then(VecDeque::pop_front);
        once.or_else(|| script.always.get(&action).cloned())
    };
    if scripted.is_none()
        && let Some(xml) = world::sts(&action)
    {
        return Response::new(Body::from(xml));
    }
    let reply = scripted.unwrap_or_else(|| world::reply(&action, &call));
    match reply {
        Reply::Error(status, code, message) if target.is_none() && path.is_empty() => {
            let xml = format!(
                "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            );
            Response::builder().status(status).body(Body::from(xml)).unwrap()
        }
        reply => reply.into_response(),
    }
}
