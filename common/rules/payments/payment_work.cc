// What money waits for people to do (WRK-01, PAY-10).
#include "common/rules/messages.h"
#include "common/rules/payments/account.h"
#include "common/rules/payments/payment_records.h"

namespace makegood::rules {
namespace {

using base::v1::WorkItem;
using payments::v1::Account;
using payments::v1::CreditNote;
using payments::v1::Posting;
using payments::v1::Refund;
using payments::v1::Surcharge;

WorkItem ItemOf(base::v1::WorkKind kind, base::v1::WorkTurn turn, const std::string& subject_id,
                const base::v1::Money& amount) {
  WorkItem item = MakeWorkItem(kind, turn, subject_id);
  *item.mutable_amount() = amount;
  return item;
}

}  // namespace

// What is owed after the order has ended: by the courier, and once their cash is known by the customer.
std::vector<WorkItem> RecordTraits<Account>::Waiting(const Account& account) {
  const int64_t owed = BalanceOf(account, Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE);
  if (!HasEnded(account) || owed <= 0) return {};
  const base::v1::Money amount = MakeMoney(owed, account.currency());
  if (AwaitsCash(account)) {
    return {ItemOf(base::v1::WORK_KIND_RECORD_CASH, base::v1::WORK_TURN_COURIER, account.order_id(), amount)};
  }
  return {ItemOf(base::v1::WORK_KIND_PAY_REST, base::v1::WORK_TURN_CUSTOMER, account.order_id(), amount)};
}

std::vector<WorkItem> RecordTraits<Refund>::Waiting(const Refund& refund) {
  if (refund.state() == Refund::STATE_SETTLED) return {};
  WorkItem item = ItemOf(refund.state() == Refund::STATE_FAILED ? base::v1::WORK_KIND_RETRY_REFUND
                                                                : base::v1::WORK_KIND_MOVE_MONEY,
                         base::v1::WORK_TURN_OPERATIONS, refund.refund_id(), refund.amount());
  item.set_case_id(refund.case_id());
  if (refund.has_due_time()) *item.mutable_due_time() = refund.due_time();
  return {item};
}

std::vector<WorkItem> RecordTraits<CreditNote>::Waiting(const CreditNote& note) {
  if (note.state() != CreditNote::STATE_REQUESTED) return {};
  WorkItem item = ItemOf(base::v1::WORK_KIND_ISSUE_CREDIT_NOTE, base::v1::WORK_TURN_MERCHANT,
                         note.credit_note_id(), note.amount());
  item.set_case_id(note.case_id());
  *item.mutable_due_time() = note.due_time();
  return {item};
}

// Nobody is asked before the order is held (PAY-02).
std::vector<WorkItem> RecordTraits<Surcharge>::Waiting(const Surcharge& surcharge) {
  if (!surcharge.visible()) return {};
  const auto item = [&](base::v1::WorkKind kind, base::v1::WorkTurn turn, int64_t amount_minor) {
    WorkItem waiting =
        ItemOf(kind, turn, surcharge.surcharge_id(), MakeMoney(amount_minor, surcharge.amount().currency()));
    waiting.set_case_id(surcharge.surcharge_id());
    *waiting.mutable_due_time() = surcharge.expire_time();
    return std::vector<WorkItem>{waiting};
  };
  const int64_t all = surcharge.amount().amount_minor();
  switch (surcharge.state()) {
    case base::v1::SURCHARGE_STATE_PROPOSED:
      return item(base::v1::WORK_KIND_APPROVE_SURCHARGE, base::v1::WORK_TURN_CUSTOMER, all);
    case base::v1::SURCHARGE_STATE_APPROVED:
      return item(base::v1::WORK_KIND_ISSUE_SURCHARGE, base::v1::WORK_TURN_MERCHANT, all);
    case base::v1::SURCHARGE_STATE_ISSUED:
      return item(base::v1::WORK_KIND_PAY_SURCHARGE, base::v1::WORK_TURN_CUSTOMER,
                  all - surcharge.paid().amount_minor());
    default:
      return {};
  }
}

}  // namespace makegood::rules
