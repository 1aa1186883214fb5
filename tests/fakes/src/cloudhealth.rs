//! A small CloudHealth: one partner's tenant with one customer. Everything in it is invented.
//!
//! It answers `GET` alone and only with the right key, gives pages of two whatever is asked for, and plants secrets
//! where the real one would have them. Tests change single answers with [`Fake::fault`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use chrono::{Datelike as _, Utc};
use serde_json::{Value, json};

/// The only key it takes.
pub const KEY: &str = "00000000-0000-4000-8000-hunter2hunter";
/// Planted where CloudHealth repeats the external id it was given.
pub const EXTERNAL_ID: &str = "planted-external-id-0123456789abcdef";
/// Planted where CloudHealth makes an external id for a customer.
pub const GENERATED_EXTERNAL_ID: &str = "planted-generated-external-id";
/// Planted where a domain waits for its owner's proof.
pub const TOKEN: &str = "planted-domain-token";
/// Id of the partner's customer.
pub const CUSTOMER: &str = "3947";
/// Every planted secret: none may be seen in what leaves a source.
pub const SECRETS: [&str; 4] = [KEY, EXTERNAL_ID, GENERATED_EXTERNAL_ID, TOKEN];
const PAGE: usize = 2;

type Answer = Box<dyn Fn() -> Response + Send + Sync>;

struct Fault {
    path: &'static str,
    page: Option<&'static str>,
    times: usize,
    answer: Answer,
}

/// How the first family of lists says that there is more.
#[derive(Clone, Copy, PartialEq)]
pub enum Announce {
    /// By a link to the next page.
    Links,
    /// By how many there are in all.
    Total,
    /// Not at all.
    Nothing,
}

/// What a report's account members are named by.
#[derive(Clone, Copy, PartialEq)]
pub enum MemberNames {
    /// By CloudHealth's own ids.
    Ids,
    /// By AWS account ids.
    OwnerIds,
}

struct World {
    announce: Announce,
    members: MemberNames,
    faults: Vec<Fault>,
    log: Vec<String>,
}

/// The server. Clones speak to the same one.
#[derive(Clone)]
pub struct Fake {
    /// What to configure as endpoint.
    pub url: String,
    world: Arc<Mutex<World>>,
}

impl Fake {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let world = World {
            announce: Announce::Links,
            members: MemberNames::Ids,
            faults: Vec::new(),
            log: Vec::new(),
        };
        let world = Arc::new(Mutex::new(world));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&world));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, world }
    }

    /// The next `times` calls of a path get this answer.
    pub fn fault<R: IntoResponse>(
        &self,
        path: &'static str,
        times: usize,
        answer: impl Fn() -> R + Send + Sync + 'static,
    ) {
        self.fault_on(path, None, times, answer);
    }

    /// The same for one page of a list.
    pub fn fault_on<R: IntoResponse>(
        &self,
        path: &'static str,
        page: impl Into<Option<&'static str>>,
        times: usize,
        answer: impl Fn() -> R + Send + Sync + 'static,
    ) {
        let answer = Box::new(move || answer().into_response());
        self.world.lock().unwrap().faults.push(Fault { path, page: page.into(), times, answer });
    }

    /// Sets how lists say that there is more.
    pub fn announce(&self, announce: Announce) {
        self.world.lock().unwrap().announce = announce;
    }

    /// Sets what a report's account members are named by.
    pub fn members(&self, members: MemberNames) {
        self.world.lock().unwrap().members = members;
    }

    /// Method and address of every call so far.
    pub fn log(&self) -> Vec<String> {
        self.world.lock().unwrap().log.clone()
    }
}

async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    method: Method,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let mut world = world.lock().unwrap();
    world.log.push(format!("{method} {uri}"));
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let page = query.get("page").map(String::as_str);
    let fault = world.faults.iter_mut().find(|fault| {
        fault.times > 0 && fault.path == uri.path() && (fault.page.is_none() || fault.page == page)
    });
    if let Some(fault) = fault {
        fault.times -= 1;
        return (fault.answer)();
    }
    let sent = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if sent != format!("Bearer {KEY}") {
        // Repeats what it refuses, as some services do.
        return (StatusCode::FORBIDDEN, Json(json!({"error": format!("Forbidden: {sent}")}))).into_response();
    }
    let customer = query.get("client_api_id").or(query.get("api_key")).map(String::as_str);
    if customer.is_some_and(|id| id != CUSTOMER) {
        return (StatusCode::FORBIDDEN, Json(json!({"error": "unknown client"}))).into_response();
    }
    let customer = customer.is_some();
    match uri.path() {
        "/v1/aws_accounts" => by_headers(&world, &query, "aws_accounts", &accounts(customer)),
        "/v1/customers" => by_headers(&world, &query, "customers", &customers()),
        "/v2/aws_account_assignments" => {
            by_headers(&world, &query, "aws_account_assignments", &assignments())
        }
        "/v2/organizations" => by_links(&query, "organizations", &organizations(), |page| {
            format!("/v2/organizations?page={page}&per_page=2")
        }),
        "/v1/policies" if query.get("per_page").is_none_or(|n| n.parse::<u32>().unwrap() > 30) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"errors": ["per_page is too big"]})))
                .into_response()
        }
        "/v1/policies" => by_links(&query, "policies", &policies(), |page| {
            format!("cloudhealthtech.com/v1/policies?api_key=4760&per_page=2&page={page}")
        }),
        "/v1/perspective_schemas" => Json(perspectives()).into_response(),
        "/v1/perspective_schemas/206159639971" => Json(json!({"schema": owner_schema()})).into_response(),
        "/v1/perspective_schemas/206159351171" | "/v1/perspective_schemas/206159659286" => {
            Json(json!({"schema": {"name": "x", "rules": [], "constants": []}})).into_response()
        }
        "/v1/sso/configuration" => Json(sso()).into_response(),
        "/api/AwsUser" => Json(user_type()).into_response(),
        "/api/search" => Json(slice(&query, &users(customer))).into_response(),
        "/olap_reports/cost/history" => Json(cost(&query, world.members)).into_response(),
        _ => (StatusCode::NOT_FOUND, Json(json!({"error": "bad endpoint"}))).into_response(),
    }
}

fn page_number(query: &HashMap<String, String>) -> usize {
    query.get("page").map_or(1, |page| page.parse().unwrap())
}

fn slice(query: &HashMap<String, String>, all: &[Value]) -> Vec<Value> {
    all.iter().skip((page_number(query) - 1) * PAGE).take(PAGE).cloned().collect()
}

fn by_headers(world: &World, query: &HashMap<String, String>, key: &str, all: &[Value]) -> Response {
    let (page, total, last) = (page_number(query), all.len(), all.len().div_ceil(PAGE));
    let mut headers = HeaderMap::new();
    if world.announce != Announce::Nothing {
        headers.insert("x-total", total.into());
        headers.insert("x-per-page", PAGE.into());
    }
    if world.announce == Announce::Links {
        let link = |page: usize, rel: &str| {
            format!("<https://chapi.cloudhealthtech.com/v1/x?page={page}>; rel=\"{rel}\"")
        };
        let mut links = vec![link(last, "last")];
        if page < last {
            // The order is not fixed.
            links.insert(page % 2, link(page + 1, "next"));
        }
        headers.insert("link", links.join(", ").parse().unwrap());
    }
    (headers, Json(json!({key: slice(query, all)}))).into_response()
}

fn by_links(
    query: &HashMap<String, String>,
    key: &str,
    all: &[Value],
    href: impl Fn(usize) -> String,
) -> Response {
    let page = page_number(query);
    let links = if page * PAGE < all.len() { json!({"next": {"href": href(page + 1)}}) } else { json!({}) };
    Json(json!({key: slice(query, all), "_links": links})).into_response()
}

fn accounts(customer: bool) -> Vec<Value> {
    let mut all = vec![
        json!({
            "id": 5_909_870_000_001_i64, "name": "Payments Production", "amazon_name": "payments-prod",
            "owner_id": "111111111111", "hide_public_fields": false, "region": "global",
            "created_at": "2018-09-22T15:51:04Z", "updated_at": "2026-08-30T02:11:45Z", "account_type": "Linked",
            "vpc_only": true, "cluster_name": "Example Org Payer",
            "status": {"level": "green", "last_update": "2026-08-29T17:43:30Z"},
            "authentication": {"protocol": "assume_role", "assume_role_external_id": EXTERNAL_ID,
                "assume_role_arn": "arn:aws:iam::111111111111:role/CloudHealth"},
            "billing": {"is_consolidated": false},
            "cost_and_usage_report": {"bucket": "example-cur", "path": "cur/hourly"},
            "cloudtrail": {"enabled": true, "bucket": "example-trail", "prefix": "org"}, "ecs": {"enabled": false},
            "aws_config": {"enabled": true}, "cloudwatch": {"enabled": true}, "new_key": {"x": EXTERNAL_ID},
            "tags": [{"key": "Environment", "value": "Production"}],
            "groups": [{"name": "Owner ", "group": "Payments Platform Team"}, {"name": "Support Team", "group": "Other"},
                {"name": "Business Unit", "group": "Payments"}],
        }),
        json!({
            "id": 5_909_870_000_002_i64, "name": "Legacy Sandbox", "owner_id": "012345678901", "region": "govcloud",
            "created_at": "2016-02-01T09:00:00Z", "updated_at": "2026-07-02T10:00:00Z",
            "status": {"level": "red", "last_update": "2026-06-30T23:10:02Z"},
            "authentication": {"protocol": "access_key", "access_key": "AKIAIOSFODNN7EXAMPLE"},
            "tags": [], "groups": [{"name": "Business Unit", "group": "Other"}],
        }),
    ];
    if !customer {
        all.extend([
            json!({
                "id": 5_909_870_000_003_i64, "name": "Just added", "status": {"level": "unknown"},
                "authentication": {"protocol": "assume_role",
                    "assume_role_arn": "arn:aws:iam::333333333333:role/CloudHealth"},
            }),
            json!({"id": 5_909_870_000_004_i64, "name": "Nobody knows", "status": {"level": "unknown"}}),
            json!({
                "id": 5_909_870_000_005_i64, "name": "Odd role", "owner_id": "555555555555",
                "status": {"level": "Yellow"}, "created_at": "2020-01-01T00:00:00Z",
                "authentication": {"assume_role_arn": "arn:aws:iam::666666666666:role/CloudHealth"},
            }),
        ]);
    }
    all
}

fn customers() -> Vec<Value> {
    vec![json!({
        "id": 3947, "name": "Example Subsidiary", "classification": "managed_without_access",
        "billing_contact": "billing@example.org", "created_at": "2016-09-15T18:17:04Z",
        "generated_external_id": GENERATED_EXTERNAL_ID, "billing_configuration": {"status": "Healthy"},
        "partner_billing_configuration": {"enabled": true, "folder": ""},
        "tags": [{"key": "customer_id", "value": "973532"}],
    })]
}

fn assignments() -> Vec<Value> {
    vec![json!({
        "id": 9001, "owner_id": "111111111111", "target_client_api_id": 3947,
        "payer_account_owner_id": "999999999999", "billing_block_type": "Family",
    })]
}

fn organizations() -> Vec<Value> {
    (1..=3)
        .map(|n| {
            json!({"id": format!("611603343262{n}"), "parent_organization_id": "24", "name": format!("Office {n}"),
                "flex_org": false, "default_organization": n == 1, "assigned_users_count": 12, "num_aws_accounts": 118})
        })
        .collect()
}

fn policies() -> Vec<Value> {
    (151..=155)
        .map(|id| {
            json!({"id": id, "name": format!("Policy {id}"), "user_defined": true, "creator": null, "enabled": true,
                "last_editor_email": "ada@example.org", "last_evaluation": "2026-08-23 20:19:42 UTC",
                "created_at": "2016-11-28 03:57:14 UTC"})
        })
        .collect()
}

fn perspectives() -> Value {
    json!({
        "206159639971": {"name": "Owner ", "active": true},
        "206159351171": {"name": "Business Unit", "active": true},
        "206159659286": {"name": "Old split", "active": false},
    })
}

fn owner_schema() -> Value {
    json!({
        "name": "Owner ", "include_in_reports": "true",
        "rules": [{"type": "filter", "asset": "AwsAccount", "to": "206161111001"}], "merges": [],
        "constants": [
            {"type": "Static Group", "list": [
                {"ref_id": "206161111009", "name": "Other", "is_other": "true"},
                {"ref_id": "206161111001", "name": "Payments Platform Team"},
            ]},
            {"type": "Dynamic Group Block", "list": [{"ref_id": "206159110488", "name": "Owner tag"}]},
            {"type": "Dynamic Group", "list": [{"ref_id": "206161111003", "blk_id": "206159110488", "name": "payments"}]},
            {"type": "Version", "list": [{"ref_id": 181, "val": 2}]},
        ],
    })
}

fn sso() -> Value {
    json!({"configuration": {
        "sso_provider": "google-apps", "claimed_domains": ["example.org"],
        "pending_domains": [{"domain": "example.net", "token": TOKEN}], "connection_name": "example-org",
    }})
}

fn user_type() -> Value {
    json!({
        "name": "AwsUser",
        "attributes": [{"name": "id"}, {"name": "name"}, {"name": "arn"}, {"name": "password_last_used"},
            {"name": "attr_group__206159639971", "perspective_name": "Owner"}],
        "relations": [{"name": "account", "object_type": "AwsAccount", "has_many": false}],
    })
}

fn users(customer: bool) -> Vec<Value> {
    let user = |n: i64, account: Value| {
        json!({"id": 8_796_093_022_208_i64 + n, "name": format!("user-{n}"), "account": account,
            "arn": format!("arn:aws:iam::111111111111:user/user-{n}"), "password_last_used": "2026-08-01T00:00:00Z",
            "attr_group__206159639971": "Payments Platform Team"})
    };
    let known = || json!({"id": 5_909_870_000_002_i64, "name": "Legacy Sandbox"});
    let users = vec![user(0, known()), user(1, known()), user(2, json!({"id": 4711})), user(3, Value::Null)];
    if customer { Vec::new() } else { users }
}

/// The running month and the one before.
pub fn months() -> [String; 2] {
    let today = Utc::now().date_naive().with_day(1).unwrap();
    let before = today - chrono::Months::new(1);
    [before, today].map(|day| day.format("%Y-%m").to_string())
}

fn cost(query: &HashMap<String, String>, members: MemberNames) -> Value {
    let [before, running] = months();
    let filter = query["filters[]"].as_str();
    // A check of permissions asks for the latest month alone, and does not mind what else it gets.
    assert!(filter.ends_with(&format!("{before},{running}")) || filter == "time:select:-1", "{query:?}");
    assert_eq!(query["measures[]"], "cost");
    let member =
        |name: &str, label: &str| json!({"name": name, "label": label, "parent": -1, "excluded": null});
    let named =
        |id: &'static str, owner_id: &'static str| if members == MemberNames::Ids { id } else { owner_id };
    json!({
        "report": "Cost History", "interval": "monthly", "status": "ok", "cube_id": "0000", "bill_drop_info": [],
        "updated_at": Utc::now().format("%Y-%m-%dT00:00:00+00:00").to_string(),
        "dimensions": [
            {"time": [member("total", "Total"), member(&before, &before), member(&running, &running)]},
            {"AWS-Account": [
                member("total", "Total"),
                member(named("5909870000001", "111111111111"), "Payments Production"),
                member(named("5909870000002", "012345678901"), "Legacy Sandbox"),
                member("777", "Deleted long ago"),
            ]},
        ],
        "measures": [{"name": "cost", "label": "Cost ($)", "metadata": {"units": "$", "new": 1}}],
        "data": [
            [[300.5], [250.25], [50.25], [null]],
            [[150.5], [120.250_000_1], [0], [30.25]],
            [[150.0], [130.0], [20.0], [null]],
        ],
    })
}
