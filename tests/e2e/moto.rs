//! An AWS that this project did not write: five accounts of moto into PostgreSQL, through `AssumeRole`.

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
