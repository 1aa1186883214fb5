//! `GetAccountAuthorizationDetails`: users, groups, roles and policies as one paged sequence.

use super::{
    super::{documents::AwsPolicy, server::ApiError, xml::Xml},
    Request, entities, policies,
};

pub(super) fn get(request: &Request<'_>) -> Result<Xml, ApiError> {
    let account = request.account;
    let users = if wanted(request, "User") { account.users.as_slice() } else { &[] };
    let groups = if wanted(request, "Group") { account.groups.as_slice() } else { &[] };
    let roles = if wanted(request, "Role") { account.roles.as_slice() } else { &[] };
    let local = if wanted(request, "LocalManagedPolicy") { account.policies.as_slice() } else { &[] };
    // As at AWS, only what is attached: a policy in force only as a boundary is left out.
    let aws: Vec<(String, AwsPolicy)> = if wanted(request, "AWSManagedPolicy") {
        let arns = account.attached_aws_policies().into_iter();
        arns.filter_map(|arn| AwsPolicy::find(&arn).map(|policy| (arn, policy))).collect()
    } else {
        Vec::new()
    };

    let total = users.len() + groups.len() + roles.len() + local.len() + aws.len();
    let page = request.page(total)?;
    let mut cursor = Cursor { before: 0, page: page.range.clone() };
    let mut xml = Xml::default();
    xml.list("UserDetailList", cursor.cut(users), |xml, user| entities::user_detail(xml, account, user));
    xml.list("GroupDetailList", cursor.cut(groups), |xml, group| entities::group_detail(xml, account, group));
    xml.list("RoleDetailList", cursor.cut(roles), |xml, role| entities::role_detail(xml, account, role));
    xml.element("Policies", |xml| {
        for policy in cursor.cut(local) {
            xml.element("member", |xml| policies::local_detail(xml, account, policy));
        }
        for (arn, policy) in cursor.cut(&aws) {
            xml.element("member", |xml| policies::aws_detail(xml, account, arn, *policy));
        }
    });
    page.write(&mut xml);
    Ok(xml)
}

/// Whether `Filter.member.N` names the sort of entity, or there is no filter.
fn wanted(request: &Request<'_>, entity: &str) -> bool {
    let mut filter = (1..).map_while(|n| request.call.param(&format!("Filter.member.{n}"))).peekable();
    filter.peek().is_none() || filter.any(|name| name == entity)
}

/// Cuts the page out of several slices that follow one another.
struct Cursor {
    before: usize,
    page: std::ops::Range<usize>,
}

impl Cursor {
    fn cut<'a, T>(&mut self, items: &'a [T]) -> &'a [T] {
        let clamp = |at: usize| at.saturating_sub(self.before).min(items.len());
        let range = clamp(self.page.start)..clamp(self.page.end);
        self.before += items.len();
        &items[range]
    }
}
