//! The calls, each named once: as `auditor check` tries them and as kinds name what they need.

/// A call of the REST API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// As in errors and permissions.
    pub(crate) action: &'static str,
    /// Segments of its path; `{}` stands for an id.
    pub(crate) path: &'static [&'static str],
    /// Whose data it reads.
    pub(crate) scope: Scope,
}

/// Whose data a call reads, and how CloudHealth is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The tenant's, or an organization's (`org_id`), or a partner's customer's (`client_api_id`).
    Tenant,
    /// The same, but the policies want the customer's id as `api_key`.
    Policies,
    /// The key's own, always.
    Own,
}

/// A call whose reply comes in pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListCall {
    /// The call.
    pub(crate) call: Call,
    /// Key of the list in the reply. `None`: the reply is the list.
    pub(crate) list: Option<&'static str>,
    /// How the reply says whether there is more.
    pub(crate) paging: Paging,
    /// The largest page that CloudHealth gives. More is an error with some calls.
    pub(crate) per_page: u32,
}

/// How a reply says whether there is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// By the headers `Link` and `X-Total`.
    Headers,
    /// By `_links.next.href` in the body.
    Links,
    /// Not at all: after the last page comes an empty one.
    UntilEmpty,
}

const fn call(action: &'static str, path: &'static [&'static str], scope: Scope) -> Call {
    Call { action, path, scope }
}

pub(crate) const ACCOUNTS: ListCall = ListCall {
    call: call("GET /v1/aws_accounts", &["v1", "aws_accounts"], Scope::Tenant),
    list: Some("aws_accounts"),
    paging: Paging::Headers,
    per_page: 100,
};

pub(crate) const CUSTOMERS: ListCall = ListCall {
    call: call("GET /v1/customers", &["v1", "customers"], Scope::Own),
    list: Some("customers"),
    paging: Paging::Headers,
    per_page: 100,
};

pub(crate) const ASSIGNMENTS: ListCall = ListCall {
    call: call("GET /v2/aws_account_assignments", &["v2", "aws_account_assignments"], Scope::Own),
    list: Some("aws_account_assignments"),
    paging: Paging::Headers,
    per_page: 100,
};

pub(crate) const ORGANIZATIONS: ListCall = ListCall {
    call: call("GET /v2/organizations", &["v2", "organizations"], Scope::Tenant),
    list: Some("organizations"),
    paging: Paging::Links,
    per_page: 100,
};

pub(crate) const POLICIES: ListCall = ListCall {
    call: call("GET /v1/policies", &["v1", "policies"], Scope::Policies),
    list: Some("policies"),
    paging: Paging::Links,
    // 31 gives 422.
    per_page: 30,
};

pub(crate) const SEARCH: ListCall = ListCall {
    call: call("GET /api/search", &["api", "search"], Scope::Tenant),
    list: None,
    paging: Paging::UntilEmpty,
    per_page: 1000,
};

pub(crate) const USER_ATTRIBUTES: Call = call("GET /api/AwsUser", &["api", "AwsUser"], Scope::Tenant);
pub(crate) const PERSPECTIVES: Call =
    call("GET /v1/perspective_schemas", &["v1", "perspective_schemas"], Scope::Tenant);
pub(crate) const PERSPECTIVE: Call =
    call("GET /v1/perspective_schemas/{id}", &["v1", "perspective_schemas", "{}"], Scope::Tenant);
pub(crate) const COST_HISTORY: Call =
    call("GET /olap_reports/cost/history", &["olap_reports", "cost", "history"], Scope::Tenant);
pub(crate) const SSO: Call =
    call("GET /v1/sso/configuration", &["v1", "sso", "configuration"], Scope::Tenant);
