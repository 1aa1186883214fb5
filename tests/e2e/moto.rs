//! An AWS that this project did not write: accounts and an organization of moto into PostgreSQL, through `AssumeRole`.

use auditor_testbed::harness::{moto::Moto, postgres::Server, tables::Tables};

use crate::common::{Report, create_tables, listed, program};

#[test]
#[ignore = "needs PostgreSQL and moto: cargo xtask test"]
fn five_accounts_of_moto_into_postgresql() {
    let moto = Moto::shared();
    // Accounts of their own, since tests share the server.
    let stamp = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis()
        % 10_000_000_000;
    let ids: Vec<String> = (1..=5).map(|n| format!("{n}{stamp:010}1")).collect();
    moto.seed(&ids).unwrap();

    let database = Server::shared().database();
    create_tables(&database);
    let accounts = listed(&ids);
    let auditor = program().config(&format!(
        "[sources.aws]\ntype = \"aws-iam\"\nrole_name = \"auditor\"\nendpoint_url = \"{}\"\nattempts = 2\n\
         {accounts}[sinks.postgres]\nurl = \"{}\"\n",
        moto.url(),
        database.url()
    ));

    // moto does not implement everything (ListServiceSpecificCredentials), and says so: that is a gap, and no more.
    let first = Report::of(auditor.run(&["run", "--format", "json"]), 3);
    let tables = Tables::Postgres(&database);
    for id in &ids {
        for kind in ["aws_iam_user", "aws_iam_group", "aws_iam_role", "aws_iam_policy", "aws_iam_access_key"]
        {
            assert_eq!(first.outcome(id, kind), "complete", "{kind}: {}", first.output);
        }
        let count = |kind: &str| {
            tables.number(&format!(
                "SELECT count(*) AS n FROM resource_current WHERE kind = '{kind}' AND account = '{id}'"
            ))
        };
        assert_eq!((count("aws_iam_user"), count("aws_iam_group"), count("aws_iam_role")), (3, 2, 3));
        assert_eq!(count("aws_iam_access_key"), 2);
        let group = format!(
            "SELECT document FROM resource_current WHERE kind = 'aws_iam_user' AND account = '{id}' AND name = 'alice'"
        );
        assert!(tables.query(&group)[0]["document"].to_string().contains("admins"));
    }

    let second = Report::of(auditor.run(&["run", "--format", "json"]), 3);
    assert_eq!(
        (second.total("new"), second.total("changed"), second.total("removed")),
        (0, 0, 0),
        "{}",
        second.output
    );
    auditor.run(&["verify"]).expect_code(0);
    let shown =
        auditor.run(&["show", "aws_iam_user", "--account", &ids[0], "--format", "csv"]).expect_code(0);
    assert!(["alice", "robot", "idle"].iter().all(|name| shown.stdout.contains(name)), "{shown}");
}

#[test]
#[ignore = "needs PostgreSQL and moto: cargo xtask test"]
fn an_organization_of_moto_into_postgresql() {
    let moto = Moto::shared();
    let stamp = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis()
        % 10_000_000_000;
    let management = format!("7{stamp:010}1");
    let made = moto.seed_organization(&management).unwrap();
    let id = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let (payments, legacy) = (id("/members/0"), id("/members/1"));

    let database = Server::shared().database();
    create_tables(&database);
    let auditor = program().config(&format!(
        "[sources.organization]\ntype = \"aws-organization\"\nrole_arn = \"arn:aws:iam::{management}:role/auditor\"\n\
         external_id = \"planted-external-id\"\nendpoint_url = \"{}\"\nattempts = 2\n[sinks.postgres]\nurl = \"{}\"\n",
        moto.url(),
        database.url()
    ));

    // moto implements none of GetContactInformation, GetPermissionsBoundaryForPermissionSet and
    // ListOrganizationsFeatures: gaps, and no more.
    let first = Report::of(auditor.run(&["run", "--format", "json"]), 3);
    for kind in [
        "account",
        "aws_organizational_unit",
        "aws_organization_account",
        "aws_organization_policy",
        "aws_delegated_administrator",
        "aws_sso_instance",
        "aws_sso_assignment",
        "aws_identity_store_user",
        "aws_identity_store_group",
        "principal",
    ] {
        assert_eq!(first.outcome(&management, kind), "complete", "{kind}: {}", first.output);
    }
    assert_eq!(first.outcome(&management, "aws_organization"), "failed", "{}", first.output);
    assert_eq!(first.outcome(&management, "aws_account_contact"), "partial", "{}", first.output);
    assert_eq!(first.outcome(&management, "aws_sso_permission_set"), "failed", "{}", first.output);
    let gaps = first.gaps(&management);
    for action in [
        "account:GetContactInformation",
        "iam:ListOrganizationsFeatures",
        "sso:GetPermissionsBoundaryForPermissionSet",
    ] {
        assert!(gaps.contains(action), "{action}: {gaps}");
    }

    let tables = Tables::Postgres(&database);
    let document = |kind: &str, native_id: &str| {
        let sql = format!(
            "SELECT document FROM resource_current WHERE kind = '{kind}' AND native_id = '{native_id}'"
        );
        let rows = tables.query(&sql);
        assert_eq!(rows.len(), 1, "{kind} {native_id}");
        rows[0]["document"].clone()
    };
    let account = document("aws_organization_account", &payments);
    assert_eq!(account["ou_path"], "Root/Production/Shop");
    assert_eq!((&account["owner"], &account["business_unit"]), (&"ada@example.com".into(), &"Shop".into()));
    assert_eq!(document("aws_organization_account", &legacy)["state"], "SUSPENDED");
    assert_eq!(document("account", &payments)["security_contact"], "security@example.com");
    let contact = |account: &str, of: &str| document("aws_account_contact", &format!("{account}/{of}"));
    assert_eq!(contact(&management, "BILLING")["email"], "security@example.com");
    assert_eq!(contact(&management, "SECURITY")["registered"], false);
    let policy = document("aws_organization_policy", &id("/policies/0"));
    assert_eq!(policy["targets"][0]["name"], "Production");
    assert_eq!(policy["content"]["document"]["Statement"][0]["Action"], "organizations:LeaveOrganization");
    assert_eq!(document("aws_organization_policy", &id("/policies/1"))["type"], "RESOURCE_CONTROL_POLICY");
    let administrator = document("aws_delegated_administrator", &payments);
    assert_eq!(administrator["services"][0]["service_principal"], "guardduty.amazonaws.com");

    let permission_set = id("/permission_sets/0");
    let permission_set = permission_set.rsplit('/').next().unwrap();
    let group = id("/group");
    let assignment = document("aws_sso_assignment", &format!("{permission_set}/{management}/GROUP/{group}"));
    assert_eq!(assignment["permission_set"], "Admin");
    assert_eq!(document("aws_identity_store_group", &group)["member_ids"].as_array().unwrap().len(), 2);
    let ada = document("principal", &id("/users/0"));
    assert_eq!((&ada["type"], &ada["groups"]), (&"human".into(), &serde_json::json!(["operators"])));

    let second = Report::of(auditor.run(&["run", "--format", "json"]), 3);
    assert_eq!(
        (second.total("new"), second.total("changed"), second.total("removed")),
        (0, 0, 0),
        "{}",
        second.output
    );
    auditor.run(&["verify"]).expect_code(0);
    // What cannot work is found beforehand, one line for each permission.
    let checked = auditor.run(&["check"]);
    let lines = format!("{}{}", checked.stdout, checked.stderr);
    for action in ["organizations:ListAccounts", "identitystore:ListUsers", "account:GetContactInformation"] {
        assert!(lines.contains(action), "{action}: {checked}");
    }
    let everything = format!("{}{}{lines}", first.output, second.output);
    assert!(!everything.contains("planted-external-id"), "{everything}");
}

#[test]
#[ignore = "needs PostgreSQL and moto: cargo xtask test"]
fn clusters_of_moto_into_postgresql() {
    let moto = Moto::shared();
    let stamp = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis()
        % 10_000_000_000;
    let account = format!("8{stamp:010}1");
    moto.seed_eks(&account).unwrap();

    let database = Server::shared().database();
    create_tables(&database);
    let auditor = program().config(&format!(
        "[sources.eks]\ntype = \"aws-eks\"\nregions = [\"eu-west-1\", \"us-east-1\", \"eu-north-1\"]\n\
         role_name = \"auditor\"\nendpoint_url = \"{}\"\nattempts = 2\n[[sources.eks.account]]\nid = \"{account}\"\n\
         [sinks.postgres]\nurl = \"{}\"\n",
        moto.url(),
        database.url()
    ));

    // moto knows clusters and no access entries: a gap where there are clusters, and no more.
    let first = Report::of(auditor.run(&["run", "--format", "json"]), 3);
    let target = |region: &str| format!("{account}/{region}");
    for (region, entries) in [("eu-west-1", "failed"), ("us-east-1", "failed"), ("eu-north-1", "complete")] {
        assert_eq!(first.outcome(&target(region), "aws_eks_cluster"), "complete", "{}", first.output);
        assert_eq!(first.outcome(&target(region), "aws_eks_access_entry"), entries, "{}", first.output);
    }
    assert!(first.gaps(&target("eu-west-1")).contains("eks:ListAccessEntries"), "{}", first.output);
    let rows = database
        .query("SELECT account, name, region, arn, logging, status FROM aws_eks_cluster ORDER BY name");
    let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["batch", "prod", "test"]);
    let prod = &rows[1];
    assert_eq!(prod["account"], account.as_str());
    assert_eq!(prod["arn"], format!("arn:aws:eks:eu-west-1:{account}:cluster/prod"));
    assert_eq!((&prod["region"], &prod["logging"]), (&"eu-west-1".into(), &serde_json::json!(["audit"])));

    let second = Report::of(auditor.run(&["run", "--format", "json"]), 3);
    let totals = (second.total("new"), second.total("changed"), second.total("removed"));
    assert_eq!(totals, (0, 0, 0), "{}", second.output);
    auditor.run(&["verify"]).expect_code(0);
}
