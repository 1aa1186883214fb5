//! An invented organization: three accounts, two organizational units, one instance of Identity Center.

#![expect(clippy::needless_pass_by_value, reason = "what is passed is written where it is passed")]

use serde_json::{Value, json};

use super::{Reply, SECRETS};

/// The management account.
pub const MANAGEMENT: &str = "111111111111";
/// A member account with everything.
pub const PAYMENTS: &str = "222222222222";
/// A member account that is closed.
pub const CLOSED: &str = "333333333333";
/// The instance of Identity Center.
pub const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-1";

/// What STS and IAM answer.
pub(super) fn sts(action: &str) -> Option<String> {
    let result = match action {
        "AssumeRole" => format!(
            "<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}\
             </SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>\
             AROA:s</AssumedRoleId><Arn>arn:aws:sts::{MANAGEMENT}:assumed-role/auditor/s</Arn></AssumedRoleUser>",
            SECRETS[2], SECRETS[3]
        ),
        "GetCallerIdentity" => format!(
            "<Account>{MANAGEMENT}</Account><Arn>arn:aws:iam::{MANAGEMENT}:user/hub</Arn><UserId>A</UserId>"
        ),
        // IAM speaks as STS does.
        "ListOrganizationsFeatures" => "<OrganizationId>o-example</OrganizationId><EnabledFeatures>\
             <member>RootSessions</member><member>RootCredentialsManagement</member></EnabledFeatures>"
            .to_owned(),
        _ => return None,
    };
    Some(format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"))
}

/// Two pages with items, an empty one between.
fn paged(call: &Value, items: &str, first: Value, last: Value) -> Value {
    match call["NextToken"].as_str() {
        None => json!({items: first, "NextToken": "1"}),
        Some("1") => json!({items: [], "NextToken": "2"}),
        Some(_) => json!({items: last}),
    }
}

fn account(id: &str, name: &str, more: Value) -> Value {
    let mut account = json!({
        "Id": id,
        "Arn": format!("arn:aws:organizations::{MANAGEMENT}:account/o-example/{id}"),
        "Email": format!("root+{name}@example.com"),
        "Name": name,
        "Status": "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": 1_600_000_000.0,
        "Novelty": {"unknown": true},
    });
    account.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    account
}

fn unit(id: &str, name: &str) -> Value {
    json!({"Id": id, "Arn": format!("arn:aws:organizations::{MANAGEMENT}:ou/o-example/{id}"), "Name": name})
}

fn policy(id: &str, name: &str, policy_type: &str, owner: &str) -> Value {
    json!({
        "Id": id,
        "Arn": format!("arn:aws:organizations::{owner}:policy/o-example/{id}"),
        "Name": name,
        "Description": "",
        "Type": policy_type,
        "AwsManaged": owner == "aws",
    })
}

pub(super) fn reply(action: &str, call: &Value) -> Reply {
    let text = |key: &str| call[key].as_str().unwrap_or_default();
    let reply = match action {
        "DescribeOrganization" => json!({"Organization": {
            "Id": "o-example",
            "Arn": format!("arn:aws:organizations::{MANAGEMENT}:organization/o-example"),
            "FeatureSet": "ALL",
            "MasterAccountId": MANAGEMENT,
            "MasterAccountArn": format!("arn:aws:organizations::{MANAGEMENT}:account/o-example/{MANAGEMENT}"),
            "MasterAccountEmail": "root@example.com",
        }}),
        "ListAccounts" => paged(
            call,
            "Accounts",
            json!([
                account(
                    PAYMENTS,
                    "payments",
                    json!({
                        "State": "ACTIVE", "Paths": [format!("o-example/r-1/ou-1-a/ou-1-b/{PAYMENTS}/")]
                    })
                ),
                account(MANAGEMENT, "management", json!({})),
            ]),
            json!([account(CLOSED, "closed", json!({"Status": "SUSPENDED", "State": "CLOSED"}))]),
        ),
        "ListRoots" => json!({"Roots": [{
            "Id": "r-1",
            "Arn": format!("arn:aws:organizations::{MANAGEMENT}:root/o-example/r-1"),
            "Name": "Root",
            "PolicyTypes": [
                {"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"},
                {"Type": "RESOURCE_CONTROL_POLICY", "Status": "ENABLED"},
                {"Type": "NOVEL_POLICY", "Status": "ENABLED"},
                {"Type": "TAG_POLICY", "Status": "PENDING_ENABLE"},
            ],
        }]}),
        "ListOrganizationalUnitsForParent" => match text("ParentId") {
            "r-1" => paged(call, "OrganizationalUnits", json!([]), json!([unit("ou-1-a", "Production")])),
            "ou-1-a" => json!({"OrganizationalUnits": [unit("ou-1-b", "Payments")]}),
            _ => json!({"OrganizationalUnits": []}),
        },
        "ListAccountsForParent" => match text("ParentId") {
            "r-1" => json!({"Accounts": [account(MANAGEMENT, "management", json!({}))]}),
            "ou-1-a" => json!({"Accounts": [account(CLOSED, "closed", json!({}))]}),
            _ => json!({"Accounts": []}),
        },
        "ListTagsForResource" => match text("ResourceId") {
            PAYMENTS => paged(
                call,
                "Tags",
                json!([{"Key": "Owner", "Value": "ada@example.com"}]),
                json!([{"Key": "business-unit", "Value": "Shop"}, {"Key": "SupportTeam", "Value": "night shift"}]),
            ),
            _ => json!({"Tags": []}),
        },
        "GetAlternateContact" => match (call["AccountId"].as_str(), text("AlternateContactType")) {
            (Some(PAYMENTS), contact_type @ ("SECURITY" | "BILLING")) => json!({"AlternateContact": {
                "AlternateContactType": contact_type, "Name": "On Call", "Title": "Team",
                "EmailAddress": format!("{}@example.com", contact_type.to_lowercase()), "PhoneNumber": "+1 555 0100",
            }}),
            (Some(MANAGEMENT), _) => {
                return Reply::Error(400, "ValidationException", "omit your own account");
            }
            _ => return Reply::absent(),
        },
        "GetContactInformation" => json!({"ContactInformation": {
            "FullName": "Example Org", "AddressLine1": "1 Example Street", "City": "Exampleton",
            "PostalCode": "12345", "CountryCode": "US", "PhoneNumber": "+1 555 0199", "CompanyName": "Example",
        }}),
        "ListPolicies" => match text("Filter") {
            kind @ "SERVICE_CONTROL_POLICY" => paged(
                call,
                "Policies",
                json!([policy("p-FullAWSAccess", "FullAWSAccess", kind, "aws")]),
                json!([policy("p-deny", "deny-leaving", kind, MANAGEMENT)]),
            ),
            kind @ "RESOURCE_CONTROL_POLICY" => {
                json!({"Policies": [policy("p-perimeter", "perimeter", kind, MANAGEMENT)]})
            }
            "NOVEL_POLICY" => json!({"Policies": []}),
            _ => return Reply::Error(400, "PolicyTypeNotEnabledException", "not enabled"),
        },
        "DescribePolicy" => {
            let content = match text("PolicyId") {
                "p-perimeter" => "not json",
                _ => {
                    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}"#
                }
            };
            json!({"Policy": {"PolicySummary": {"Id": text("PolicyId")}, "Content": content}})
        }
        "ListTargetsForPolicy" => paged(
            call,
            "Targets",
            json!([{"TargetId": "r-1", "Name": "Root", "Type": "ROOT"}]),
            json!([{"TargetId": PAYMENTS, "Name": "payments", "Type": "ACCOUNT"}]),
        ),
        "ListDelegatedAdministrators" => json!({"DelegatedAdministrators": [
            account(PAYMENTS, "payments", json!({"DelegationEnabledDate": 1_650_000_000.0}))
        ]}),
        "ListDelegatedServicesForAccount" => json!({"DelegatedServices": [
            {"ServicePrincipal": "sso.amazonaws.com", "DelegationEnabledDate": 1_650_000_001.0},
            {"ServicePrincipal": "guardduty.amazonaws.com", "DelegationEnabledDate": 1_650_000_000.0},
        ]}),
        "GetCostAndUsage" => cost(call),
        _ => return identity_center(action, call),
    };
    Reply::Json(reply)
}

fn identity_center(action: &str, call: &Value) -> Reply {
    let text = |key: &str| call[key].as_str().unwrap_or_default();
    let set = |name: &str| format!("arn:aws:sso:::permissionSet/ssoins-1/{name}");
    let reply = match action {
        "ListInstances" => json!({"Instances": [{
            "InstanceArn": INSTANCE, "IdentityStoreId": "d-1", "OwnerAccountId": MANAGEMENT, "Name": "main",
            "Status": "ACTIVE", "CreatedDate": 1_600_000_000.0,
        }]}),
        "ListPermissionSets" => paged(call, "PermissionSets", json!([set("ps-b")]), json!([set("ps-a")])),
        "DescribePermissionSet" => json!({"PermissionSet": {
            "Name": if text("PermissionSetArn").ends_with("ps-a") { "Admin" } else { "Reader" },
            "PermissionSetArn": text("PermissionSetArn"), "CreatedDate": 1_600_000_000.0, "SessionDuration": "PT8H",
        }}),
        "ListManagedPoliciesInPermissionSet" => paged(
            call,
            "AttachedManagedPolicies",
            json!([{"Name": "ReadOnlyAccess", "Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]),
            json!([{"Name": "Billing", "Arn": "arn:aws:iam::aws:policy/Billing"}]),
        ),
        "ListCustomerManagedPolicyReferencesInPermissionSet" => {
            json!({"CustomerManagedPolicyReferences": [{"Name": "deploy", "Path": "/team/"}, {"Name": "audit"}]})
        }
        "GetInlinePolicyForPermissionSet" if text("PermissionSetArn").ends_with("ps-a") => {
            json!({"InlinePolicy": "{\"Statement\":[]}"})
        }
        "GetInlinePolicyForPermissionSet" => json!({"InlinePolicy": ""}),
        "GetPermissionsBoundaryForPermissionSet" if text("PermissionSetArn").ends_with("ps-a") => {
            json!({"PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "boundary", "Path": "/"}}})
        }
        "GetPermissionsBoundaryForPermissionSet" => return Reply::absent(),
        "ListAccountsForProvisionedPermissionSet" => {
            paged(call, "AccountIds", json!([PAYMENTS]), json!([MANAGEMENT]))
        }
        "ListAccountAssignments" => {
            let assignment = |principal_type: &str, id: &str| {
                json!({"AccountId": text("AccountId"), "PermissionSetArn": text("PermissionSetArn"),
                    "PrincipalType": principal_type, "PrincipalId": id})
            };
            match (text("PermissionSetArn"), text("AccountId")) {
                (arn, PAYMENTS) if arn.ends_with("ps-a") => paged(
                    call,
                    "AccountAssignments",
                    json!([assignment("USER", "user-ada")]),
                    json!([assignment("GROUP", "group-ops")]),
                ),
                (_, MANAGEMENT) => json!({"AccountAssignments": [assignment("GROUP", "group-ops")]}),
                _ => json!({"AccountAssignments": []}),
            }
        }
        "ListUsers" => paged(
            call,
            "Users",
            json!([{"IdentityStoreId": "d-1", "UserId": "user-bob", "UserName": "bob", "UserStatus": "DISABLED"}]),
            json!([{
                "IdentityStoreId": "d-1", "UserId": "user-ada", "UserName": "ada", "DisplayName": "Ada Example",
                "UserArn": "arn:aws:identitystore:::user/user-ada", "UserStatus": "ENABLED",
                "CreatedAt": 1_600_000_000.0,
                "Emails": [{"Value": "a@example.com"}, {"Value": "ada@example.com", "Primary": true}],
                "ExternalIds": [{"Issuer": "https://scim.example.com", "Id": "00u1"}],
            }]),
        ),
        "ListGroups" => json!({"Groups": [
            {"IdentityStoreId": "d-1", "GroupId": "group-ops", "DisplayName": "ops", "Description": "Operations"},
            {"IdentityStoreId": "d-1", "GroupId": "group-void", "DisplayName": "void"},
        ]}),
        "ListGroupMemberships" if text("GroupId") == "group-ops" => {
            let member = |id: &str| {
                json!({"IdentityStoreId": "d-1", "MembershipId": format!("m-{id}"), "GroupId": "group-ops",
                    "MemberId": {"UserId": id}})
            };
            paged(call, "GroupMemberships", json!([member("user-bob")]), json!([member("user-ada")]))
        }
        "ListGroupMemberships" => json!({"GroupMemberships": []}),
        unknown => panic!("the world has no `{unknown}`"),
    };
    Reply::Json(reply)
}

/// Two pages; the last month of the first is the month before the running one.
fn cost(call: &Value) -> Value {
    let end: chrono::NaiveDate = call["TimePeriod"]["End"].as_str().unwrap().parse().unwrap();
    let month = |back: u32, groups: Value| {
        let start = end.checked_sub_months(chrono::Months::new(back)).unwrap();
        json!({"TimePeriod": {"Start": start.to_string(), "End": end.to_string()}, "Groups": groups, "Estimated": true})
    };
    let group = |account: &str, amount: &str| json!({"Keys": [account], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}});
    match call["NextPageToken"].as_str() {
        None => json!({
            "ResultsByTime": [month(2, json!([group(PAYMENTS, "10.004"), group("NoLinkedAccount", "1")]))],
            "NextPageToken": "1",
        }),
        _ => {
            json!({"ResultsByTime": [month(2, json!([group(PAYMENTS, "0.5")])), month(1, json!([group(PAYMENTS, "3")]))]})
        }
    }
}
