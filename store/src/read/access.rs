//! Whose records a query may see.

use auditor_core::model::AccountId;

use super::sql::Sql;

/// Whose records a query may see. Every query takes one, so that none can forget it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AccountScope {
    /// Every account's.
    #[default]
    All,
    /// Those of the listed accounts; of none if the list is empty.
    Only(Vec<AccountId>),
}

impl AccountScope {
    /// Writes the condition that `column` holds one of the accounts.
    pub(crate) fn condition(&self, sql: &mut Sql, column: &str) {
        match self {
            Self::All => sql.push("1 = 1"),
            Self::Only(accounts) if accounts.is_empty() => sql.push("1 = 0"),
            Self::Only(accounts) => {
                sql.push(column).push(" IN ").bind_list(accounts.iter().map(AccountId::as_str))
            }
        };
    }

    /// Writes the condition that the scope `s` may hold, or have held, records of the accounts: its target is theirs, or
    /// it holds a record, present or removed, of theirs.
    ///
    /// It only spares reading other scopes; the records' own accounts are compared as well.
    pub(crate) fn candidate_scopes(&self, sql: &mut Sql) {
        if *self == Self::All {
            sql.push("1 = 1");
            return;
        }
        sql.push("(");
        self.condition(sql, "s.account");
        sql.push(" OR s.id IN (SELECT x.scope FROM resource x WHERE ");
        self.condition(sql, "x.account");
        sql.push("))");
    }

    /// Whether records of this account may be seen.
    pub fn allows(&self, account: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(accounts) => accounts.iter().any(|allowed| allowed.as_str() == account),
        }
    }
}
