//! A small EKS with the STS before it: any account, two regions with clusters. Everything in it is invented.
//!
//! It answers `GET` alone, in pages of one with an empty page between, and only in sessions that it opened with the
//! right external id; account and region are those of the request's signature, which is not checked. Tests change
//! single answers with [`Fake::once`] and [`Fake::always`].

mod world;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::Response,
};
use serde_json::{Value, json};

pub use world::{BATCH, PROD};

/// The account whose credentials the auditor starts with.
pub const HUB: &str = "111111111111";
/// The only external id it takes.
pub const EXTERNAL_ID: &str = "planted-eks-external-id";
const SECRET_KEY: &str = "planted-eks-session-secret-key";
const TOKEN: &str = "planted-eks-session-token";
/// Every planted secret: none may be seen in what leaves a source.
pub const SECRETS: [&str; 3] = [EXTERNAL_ID, SECRET_KEY, TOKEN];

/// What the server answers instead.
#[derive(Debug, Clone)]
pub enum Reply {
    /// 200 and this.
    Json(Value),
    /// An error of AWS: status, code, message.
    Error(u16, &'static str, &'static str),
    /// Anything else: status and body.
    Raw(u16, &'static str),
    /// Half an answer, and the connection closed.
    Cut,
}

impl Reply {
    /// That a right is missing.
    pub fn access_denied() -> Self {
        Self::Error(403, "AccessDeniedException", "User is not authorized to perform this")
    }

    /// That there were too many calls.
    pub fn throttled() -> Self {
        Self::Error(429, "TooManyRequestsException", "Rate exceeded")
    }

    /// That there is no such thing.
    pub fn absent() -> Self {
        Self::Error(404, "ResourceNotFoundException", "No such thing")
    }

    fn into_response(self) -> Response {
        let response = Response::builder();
        match self {
            Self::Json(value) => response.body(Body::from(value.to_string())),
            Self::Raw(status, text) => response.status(status).body(Body::from(text)),
            Self::Error(status, code, message) => {
                let body = json!({ "__type": code, "message": message });
                let response = response.status(status).header("x-amzn-errortype", code);
                response.header("retry-after", "0").body(Body::from(body.to_string()))
            }
            Self::Cut => {
                let parts = [Ok(Bytes::from_static(b"{\"clus")), Err(std::io::Error::other("cut"))];
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
    calls: Vec<String>,
}

/// The server. Clones speak to the same one.
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
        let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, script }
    }

    /// Answers the next call of an action with this.
    pub fn once(&self, action: &str, reply: Reply) {
        self.script.lock().unwrap().once.entry(action.to_owned()).or_default().push_back(reply);
    }

    /// Answers every further call of an action with this; of every action of EKS, where it is `*`.
    pub fn always(&self, action: &str, reply: Reply) {
        self.script.lock().unwrap().always.insert(action.to_owned(), reply);
    }

    /// Answers as it should again.
    pub fn reset(&self) {
        *self.script.lock().unwrap() = Script::default();
    }

    /// Every call so far: `ACTION ACCOUNT REGION`.
    pub fn calls(&self) -> Vec<String> {
        self.script.lock().unwrap().calls.clone()
    }
}

/// Account and region of a request: our access key ids hold the account, signatures the region.
fn caller(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get("authorization")?.to_str().ok()?;
    let (_, scope) = text.split_once("Credential=")?;
    let mut parts = scope.split('/');
    let (key, _date, region) = (parts.next()?, parts.next()?, parts.next()?);
    let account = key.strip_prefix("ASIA").unwrap_or(HUB);
    Some((account.to_owned(), region.to_owned()))
}

/// The action of a path.
fn action(path: &[String]) -> Option<&'static str> {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    Some(match words[..] {
        ["clusters"] => "ListClusters",
        ["clusters", _] => "DescribeCluster",
        ["clusters", _, "access-entries"] => "ListAccessEntries",
        ["clusters", _, "access-entries", _] => "DescribeAccessEntry",
        ["clusters", _, "access-entries", _, "access-policies"] => "ListAssociatedAccessPolicies",
        _ => return None,
    })
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method == Method::POST && uri.path() == "/" {
        return sts(&script, &String::from_utf8_lossy(&body));
    }
    let path: Vec<_> = uri.path().split('/').skip(1).map(unescape).collect();
    let Some((account, region)) = caller(&headers) else {
        return Reply::Error(403, "MissingAuthenticationTokenException", "not signed").into_response();
    };
    let Some(action) = action(&path).filter(|_| method == Method::GET) else {
        return Reply::Raw(404, "<html>no such page</html>").into_response();
    };
    let scripted = {
        let mut script = script.lock().unwrap();
        script.calls.push(format!("{action} {account} {region}"));
        let once = script.once.get_mut(action).and_then(VecDeque::pop_front);
        once.or_else(|| script.always.get(action).cloned()).or_else(|| script.always.get("*").cloned())
    };
    let query = uri.query().unwrap_or_default();
    let token = query.split('&').find_map(|pair| pair.strip_prefix("nextToken=")).map(unescape);
    scripted.unwrap_or_else(|| world::reply(&account, &region, &path, token.as_deref())).into_response()
}

/// Two actions of STS. Sessions are opened in whatever account the role is of.
fn sts(script: &Mutex<Script>, form: &str) -> Response {
    let parameter = |name: &str| {
        let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| unescape(value)).unwrap_or_default()
    };
    let action = parameter("Action");
    let arn = parameter("RoleArn");
    let account = arn.split(':').nth(4).unwrap_or(HUB).to_owned();
    script.lock().unwrap().calls.push(format!("{action} {account} "));
    let result = match action.as_str() {
        "AssumeRole" if parameter("ExternalId") != EXTERNAL_ID => {
            let error = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform: \
                         sts:AssumeRole</Message></Error></ErrorResponse>";
            return Response::builder().status(StatusCode::FORBIDDEN).body(Body::from(error)).unwrap();
        }
        "AssumeRole" => format!(
            "<Credentials><AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>{SECRET_KEY}</SecretAccessKey>\
             <SessionToken>{TOKEN}</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>\
             <AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId>\
             <Arn>arn:aws:sts::{account}:assumed-role/auditor/s</Arn></AssumedRoleUser>"
        ),
        _ => format!("<Account>{HUB}</Account><Arn>arn:aws:iam::{HUB}:user/hub</Arn><UserId>A</UserId>"),
    };
    Response::new(Body::from(format!(
        "<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
    )))
}

fn unescape(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        let digits = if byte == b'%' { bytes.next().zip(bytes.next()) } else { None };
        plain.push(digits.map_or(byte, |(high, low)| {
            u8::from_str_radix(&format!("{}{}", char::from(high), char::from(low)), 16).unwrap()
        }));
    }
    String::from_utf8(plain).unwrap()
}
