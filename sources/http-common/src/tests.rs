//! The client against a small service on this machine.

use std::{convert::Infallible, time::Duration};

use auditor_core::{
    error::{SourceError, chain},
    outcome::GapReason,
    registry::Instance,
    source::Caller,
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpListener};

use crate::{Credential, HttpClient, HttpFault, HttpSettings, Standard};

const KEY: &str = "00000000-hunter2";

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn client(endpoint: &str) -> HttpClient {
    let settings = HttpSettings { max_reply_bytes: 100_000, ..HttpSettings::default() };
    let instance = Instance { name: "test".to_owned(), base_dir: "/".into() };
    HttpClient::new(&settings, endpoint, &instance, Standard).unwrap()
}

fn once() -> Caller {
    Caller::for_tests().with_policy(|policy| {
        policy.attempts = 1;
        policy.timeout = Duration::from_secs(2);
    })
}

async fn call(endpoint: &str) -> Result<Value, SourceError> {
    let key = Credential::bearer(&SecretString::from(KEY)).unwrap();
    let request =
        client(endpoint).get("GET /v1/things/{id}", &["v1", "things", "a/b?c"]).query("page[]", 2).with(&key);
    let result = request.json(&once()).await;
    let shown = format!("{request:?} {result:?} {:?}", client(endpoint));
    assert!(!shown.contains(KEY), "{shown}");
    Ok(result?.value)
}

/// The error of a service that always answers this.
async fn answered(response: impl IntoResponse) -> SourceError {
    let (parts, body) = response.into_response().into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let answer = move || async move { Response::from_parts(parts.clone(), Body::from(bytes.clone())) };
    let endpoint = serve(Router::new().fallback(answer)).await;
    call(&endpoint).await.unwrap_err()
}

#[tokio::test]
async fn a_call_goes_out_as_described() {
    async fn echo(uri: axum::http::Uri, headers: HeaderMap) -> axum::Json<Value> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        axum::Json(json!({
            "uri": uri.to_string(),
            "authorization": text(header::AUTHORIZATION),
            "agent": text(header::USER_AGENT),
            "accept": text(header::ACCEPT),
            "encoding": text(header::ACCEPT_ENCODING),
        }))
    }
    let endpoint = serve(Router::new().fallback(echo)).await;
    assert_eq!(
        call(&format!("{endpoint}/gateway/")).await.unwrap(),
        json!({
            "uri": "/gateway/v1/things/a%2Fb%3Fc?page%5B%5D=2",
            "authorization": format!("Bearer {KEY}"),
            "agent": concat!("auditor/", env!("CARGO_PKG_VERSION")),
            "accept": "application/json",
            "encoding": "gzip",
        })
    );
}

#[tokio::test]
async fn errors_of_the_service_keep_its_words_and_no_secret() {
    let words = format!("the key {KEY} is unknown\n{}", "x".repeat(300));
    let error = answered((StatusCode::FORBIDDEN, axum::Json(json!({"error": words})))).await;
    assert_eq!(error.reason(), GapReason::Denied);
    let text = chain(&error);
    assert!(text.starts_with("`GET /v1/things/{id}` was denied: HTTP 403: the key [secret] is unknown xxx"));
    assert!(text.ends_with('…'));

    let error = answered((StatusCode::NOT_FOUND, "nothing with hunter2 here")).await;
    assert_eq!(error.reason(), GapReason::Rejected);
    assert_eq!(chain(&error), "`GET /v1/things/{id}` was rejected: HTTP 404 with `text/plain` of 25 bytes");
    assert_eq!(HttpFault::of(&error).unwrap().status, StatusCode::NOT_FOUND);
    let error = answered(StatusCode::UNAUTHORIZED).await;
    assert_eq!(chain(&error), "`GET /v1/things/{id}` was denied: HTTP 401 with an empty body");
}

#[tokio::test]
async fn waits_are_handed_on() {
    let error = answered((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7")])).await;
    assert_eq!((error.reason(), error.retry_after()), (GapReason::Throttled, Some(Duration::from_secs(7))));
    let error = answered(StatusCode::TOO_MANY_REQUESTS).await;
    assert_eq!((error.reason(), error.retry_after()), (GapReason::Throttled, None));
    let error = answered((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "7")])).await;
    assert_eq!((error.reason(), error.retry_after()), (GapReason::Throttled, Some(Duration::from_secs(7))));
    let html = axum::response::Html("<p>back end capped out</p>");
    let error = answered((StatusCode::SERVICE_UNAVAILABLE, html)).await;
    assert_eq!(error.reason(), GapReason::Unreachable);
}

#[tokio::test]
async fn what_is_no_json_is_said_to_be_so_without_showing_it() {
    let error = answered(axum::response::Html("<html>hunter2</html>")).await;
    assert_eq!(
        chain(&error),
        "`GET /v1/things/{id}` got an answer that cannot be read: no JSON: `text/html` of 20 bytes, at line 1, column 1"
    );
    let json = [(header::CONTENT_TYPE, "application/json")];
    let error = answered((json.clone(), r#"{"a":["hunter2""#)).await;
    assert!(chain(&error).contains("JSON that ends too early: `application/json` of 15 bytes"));
    assert!(chain(&answered(StatusCode::OK).await).ends_with("an empty body"));

    // The parser's own message would repeat the value.
    let endpoint = serve(Router::new().fallback(|| async { axum::Json(json!({"n": "hunter2"})) })).await;
    let request = client(&endpoint).get("GET /n", &["n"]);
    let error = request.json::<std::collections::BTreeMap<String, u64>>(&once()).await.unwrap_err();
    assert_eq!(error.reason(), GapReason::Malformed);
    let text = format!("{} {error:?}", chain(&error));
    assert!(text.contains("of another form than documented") && !text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let location = [(header::LOCATION, "https://elsewhere.example.com/?api_key=hunter2")];
    let error = answered((StatusCode::FOUND, location)).await;
    assert_eq!(error.reason(), GapReason::Rejected);
    assert!(
        chain(&error).ends_with("HTTP 302, a redirect to `elsewhere.example.com`, which was not followed")
    );
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let endless = || async {
        let chunks = std::iter::repeat_with(|| Ok::<_, Infallible>(vec![b' '; 10_000]));
        Body::from_stream(futures::stream::iter(chunks))
    };
    let endpoint = serve(Router::new().route("/v1/things/{id}", get(endless))).await;
    let error = call(&endpoint).await.unwrap_err();
    assert_eq!(error.reason(), GapReason::Rejected);
    assert!(chain(&error).contains("larger than 100000 bytes"), "{}", chain(&error));
    assert!(error.hint().unwrap().contains("max_reply_bytes"));
}

#[tokio::test]
async fn nobody_there_a_hung_and_a_cut_connection_are_passing_faults() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = call(&format!("http://{address}")).await.unwrap_err();
    assert_eq!(error.reason(), GapReason::Unreachable);
    // Also shows that TLS needs no provider installed for the process.
    let error = call(&format!("https://{address}")).await.unwrap_err();
    assert_eq!(error.reason(), GapReason::Unreachable);

    let hung = serve(Router::new().fallback(|| async { std::future::pending::<()>().await })).await;
    let error = call(&hung).await.unwrap_err();
    assert_eq!(error.reason(), GapReason::Unreachable);
    assert!(chain(&error).contains("no answer within 2 s"));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cut = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n[1,";
            stream.write_all(head.as_bytes()).await.unwrap();
        }
    });
    let error = call(&cut).await.unwrap_err();
    assert!(error.is_transient(), "{}", chain(&error));
    assert!(!chain(&error).contains("127.0.0.1"), "{}", chain(&error));
}

#[tokio::test]
async fn passing_faults_are_tried_again_by_the_engine() {
    use std::sync::atomic::{AtomicU32, Ordering};

    static TRIES: AtomicU32 = AtomicU32::new(0);
    let endpoint = serve(Router::new().fallback(|| async {
        if TRIES.fetch_add(1, Ordering::Relaxed) < 2 {
            StatusCode::TOO_MANY_REQUESTS.into_response()
        } else {
            axum::Json(json!([1])).into_response()
        }
    }))
    .await;
    let request = client(&endpoint).get("GET /x", &["x"]);
    assert_eq!(request.json::<Value>(&Caller::for_tests()).await.unwrap().value, json!([1]));
}
