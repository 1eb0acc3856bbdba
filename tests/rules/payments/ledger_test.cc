// The ledger (PAY-07, RFD-07), and what holds in any story of an order's money whatever.
#include "common/rules/payments/ledger.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>

#include "common/base/status.h"
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

LedgerEntry Entry(const std::vector<std::pair<int64_t, std::string>>& postings) {
  LedgerEntry entry;
  entry.set_document_id("doc-1");
  for (const auto& [amount, currency] : postings) {
    Posting& posting = *entry.add_postings();
    posting.set_account(Posting::LEDGER_ACCOUNT_CLEARING);
    posting.set_amount_minor(amount);
    posting.set_currency(currency);
  }
  return entry;
}

TEST(Ledger, PAY_07_AnEntryBalancesToZeroPerCurrency) {
  EXPECT_THAT(rules::CheckEntry(Entry({{5, "EUR"}, {-5, "EUR"}})), IsOk());
  EXPECT_THAT(rules::CheckEntry(Entry({{5, "EUR"}, {-4, "EUR"}})), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(rules::CheckEntry(Entry({{5, "EUR"}, {-5, "CZK"}})), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(rules::CheckEntry(Entry({{0, "EUR"}, {0, "EUR"}})), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(rules::CheckEntry(Entry({{0, "EUR"}})), StatusIs(absl::StatusCode::kInternal));
}

TEST(Ledger, RFD_07_AnEntryNamesItsDocument) {
  LedgerEntry entry = Entry({{5, "EUR"}, {-5, "EUR"}});
  entry.clear_document_id();
  EXPECT_THAT(rules::CheckEntry(entry), StatusIs(absl::StatusCode::kInternal));
}

TEST(Ledger, PAY_07_TheBuilderRefusesWhatDoesNotBalance) {
  MoneyDesk money;
  const auto post = [&](rules::Transaction& tx) {
    return rules::EntryBuilder("EUR")
        .Debit(Posting::LEDGER_ACCOUNT_CLEARING, 5)
        .Credit(Posting::LEDGER_ACCOUNT_GOODWILL, 4)
        .Post(rules::NewAccount(money.order), "doc-1", rules::Present(tx), tx);
  };
  EXPECT_THAT(money.desk.Decide(post), StatusIs(absl::StatusCode::kInternal));
  EXPECT_TRUE(money.desk.All<LedgerEntry>().empty());
}

// ---- Stories.

constexpr RefundReason kReasons[] = {base::v1::REFUND_REASON_CLAIM,    base::v1::REFUND_REASON_WITHDRAWAL,
                                     base::v1::REFUND_REASON_GOODWILL, base::v1::REFUND_REASON_SURCHARGE,
                                     base::v1::REFUND_REASON_CLAIM,    base::v1::REFUND_REASON_UNSPECIFIED};

// One step of a story: what is done, to which thing, over how much.
struct Step {
  int what;
  int which;
  int64_t amount;
};

// How RapidCheck shows a story that fails.
std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "{" << step.what << ", " << step.which << ", " << step.amount << "}";
}

template <typename M>
const M* Nth(const std::vector<M>& all, int which) {
  return all.empty() ? nullptr : &all[static_cast<size_t>(which) % all.size()];
}

// Plays steps on one order, and knows what must hold after each.
class Story {
 public:
  // Does the step, whatever may come of it; some are no such thing now and do nothing.
  void Play(const Step& step) {
    const std::vector<Surcharge> surcharges = money_.desk.All<Surcharge>();
    const std::vector<Refund> refunds = money_.desk.All<Refund>();
    const std::vector<RefundGrant> grants = money_.desk.All<RefundGrant>();
    const Surcharge* const surcharge = Nth(surcharges, step.which);
    const Refund* const refund = Nth(refunds, step.which);
    const RefundGrant* const grant = Nth(grants, step.which);
    switch (step.what) {
      case 0:
        return Saw(money_.Pay(step.amount * 20, Reference()).status());
      case 1:
        return Saw(money_.Pay(step.amount, absl::StrCat("again-", step.which)).status());
      case 2:
        if (money_.account().version() > 0 && !money_.account().cancelled()) {
          Saw(money_.React(money_.Delivered()));
        }
        return;
      case 3:
        if (money_.account().version() > 0 && !money_.account().delivered()) {
          Saw(money_.React(money_.Cancelled()));
        }
        return;
      case 4:
        return Saw(money_.Give(kReasons[step.which % 6], step.amount, 0, step.which % 5 == 0).status());
      case 5:
        return Saw(money_.Give(base::v1::REFUND_REASON_CLAIM, 0, step.amount).status());
      case 6:
        if (grant != nullptr) Saw(money_.Release(grant->grant_id()).status());
        return;
      case 7:
        if (refund != nullptr) Saw(money_.Settle(refund->refund_id()).status());
        return;
      case 8:
        if (refund != nullptr) Saw(money_.Fail(refund->refund_id()).status());
        return;
      case 9:
        if (refund != nullptr) Saw(money_.Retry(refund->refund_id()).status());
        return;
      case 10:
        return Saw(money_.Propose(step.amount, step.which % 2 == 0 ? Service() : Employee()).status());
      case 11:
        if (surcharge != nullptr && money_.desk.tasks().count(HoldTask(*surcharge)) > 0) {
          Saw(money_.Hold(surcharge->surcharge_id(), step.which % 4 != 0));
        }
        return;
      case 12:
        if (surcharge != nullptr) Saw(money_.Approve(surcharge->surcharge_id()).status());
        return;
      case 13:
        if (surcharge != nullptr) Saw(money_.Issue(surcharge->surcharge_id()).status());
        return;
      case 14:
        if (surcharge != nullptr) Saw(money_.Decline(surcharge->surcharge_id()).status());
        return;
      case 15:
        if (surcharge != nullptr) Saw(money_.Void(surcharge->surcharge_id()).status());
        return;
      case 16:
        if (surcharge != nullptr) {
          Saw(money_.Pay(step.amount, Reference(), surcharge->surcharge_id()).status());
        }
        return;
      case 17:
        return CreditNoteAhead(step.amount);
      default:
        return Saw(money_.Pay(step.amount, Reference(), "", Payment::DESTINATION_THIRD_PARTY).status());
    }
  }

  // What no story may break.
  void Check() {
    const Account account = money_.account();
    RC_ASSERT(account.granted_minor() + account.pending_minor() + account.refunded_minor() <=
              account.captured_minor());
    RC_ASSERT(account.delivery_fee_given_minor() <= account.delivery_fee_minor());
    RC_ASSERT(account.surcharges_given_minor() <= account.surcharges_captured_minor());
    RC_ASSERT(account.goodwill_given_minor() <= account.total_minor() / 10);
    CheckLedger(account);
    CheckFinalStates();
  }

  // Brings the story to its end: everything paid, settled, and every merchant's paper in.
  void Finish(bool deliver) {
    if (money_.account().version() == 0) RC_ASSERT(money_.React(money_.Created()).ok());
    if (!money_.account().delivered() && !money_.account().cancelled()) {
      RC_ASSERT(money_.React(deliver ? money_.Delivered() : money_.Cancelled()).ok());
    }
    for (const Surcharge& surcharge : money_.desk.All<Surcharge>()) {
      if (rules::IsOpen(surcharge)) RC_ASSERT(money_.Void(surcharge.surcharge_id()).ok());
    }
    if (const int64_t due = money_.account().receivable_minor(); due > 0) {
      RC_ASSERT(money_.Pay(due, Reference()).ok());
    }
    for (const RefundGrant& grant : money_.desk.All<RefundGrant>()) {
      RC_ASSERT(money_.Release(grant.grant_id()).ok());
    }
    EvenOutRecovery();
    for (const Refund& refund : money_.desk.All<Refund>()) {
      RC_ASSERT(money_.Settle(refund.refund_id()).ok());
    }
  }

  // A finished story owes nothing to anyone on the way.
  void CheckFinished() const {
    for (const auto ledger_account :
         {Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE,
          Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE, Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY}) {
      RC_ASSERT(money_.Balance(ledger_account) == 0);
    }
  }

 private:
  std::string Reference() { return absl::StrCat("ref-", ++payments_); }

  static std::string HoldTask(const Surcharge& surcharge) {
    return absl::StrCat(rules::kPlaceHoldTask, ":", surcharge.surcharge_id());
  }

  // Every refusal carries its rule, and nothing else goes wrong (SYS-07).
  void Saw(const absl::Status& status) {
    if (status.ok()) return;
    const bool refused = status.code() == absl::StatusCode::kFailedPrecondition ||
                         status.code() == absl::StatusCode::kPermissionDenied;
    RC_ASSERT(refused);
    RC_ASSERT(!RuleOf(status).empty());
  }

  // A credit note before its refund, over no more than can still be refunded.
  void CreditNoteAhead(int64_t amount) {
    const Account account = money_.account();
    const int64_t most = account.recoverable_minor() + std::min<int64_t>(0, account.recovery_minor());
    const int64_t gross = std::min(amount * 20, most);
    if (account.delivered() && gross > 0) SettleDown(gross);
  }

  void SettleDown(int64_t gross) {
    const auto note =
        money_.AskForCreditNote(absl::StrCat("case-", ++notes_), "R-2026", gross, gross / 6, gross / 12);
    RC_ASSERT(note.ok());
    RC_ASSERT(money_.Send(money_.DocumentFor(*note)).ok());
  }

  // The refunds that credit notes are ahead of, or the credit notes that refunds are ahead of.
  void EvenOutRecovery() {
    const Account account = money_.account();
    if (account.recovery_minor() > 0) return SettleDown(account.recovery_minor());
    const int64_t ahead = -account.recovery_minor();
    if (ahead == 0) return;
    const int64_t goods_given = account.granted_minor() + account.pending_minor() + account.refunded_minor() -
                                account.delivery_fee_given_minor();
    const int64_t goods_left =
        account.total_minor() - account.delivery_fee_minor() + account.excess_minor() - goods_given;
    const int64_t goods = std::min(ahead, goods_left);
    RC_ASSERT(money_.Give(base::v1::REFUND_REASON_CLAIM, goods, ahead - goods).ok());
  }

  // PAY-07, RFD-07: each entry balances and has its paper; the account says what the entries say.
  void CheckLedger(const Account& account) const {
    int64_t open_refunds = 0;
    for (const Refund& refund : money_.desk.All<Refund>()) {
      if (refund.state() != Refund::STATE_SETTLED) open_refunds += refund.amount().amount_minor();
    }
    for (const LedgerEntry& entry : money_.desk.All<LedgerEntry>()) {
      RC_ASSERT(rules::CheckEntry(entry).ok());
      RC_ASSERT(money_.desk.Find<Document>(entry.document_id()).has_value());
    }
    RC_ASSERT(money_.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT) ==
              -account.prepaid_minor() - account.surcharges_prepaid_minor() -
                  account.surcharges_open_minor());
    RC_ASSERT(money_.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE) == account.receivable_minor());
    RC_ASSERT(money_.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT) == -account.customer_credit_minor());
    RC_ASSERT(money_.Balance(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY) == account.recovery_minor());
    RC_ASSERT(money_.Balance(Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE) == -open_refunds);
  }

  // RFD-03, PAY-09: what was final stays as it was.
  void CheckFinalStates() {
    for (const auto& [id, state] : final_surcharges_) {
      RC_ASSERT(money_.desk.Find<Surcharge>(id)->state() == state);
    }
    for (const Surcharge& surcharge : money_.desk.All<Surcharge>()) {
      if (!rules::IsOpen(surcharge)) final_surcharges_[surcharge.surcharge_id()] = surcharge.state();
    }
    for (const std::string& id : settled_refunds_) {
      RC_ASSERT(money_.desk.Find<Refund>(id)->state() == Refund::STATE_SETTLED);
    }
    for (const Refund& refund : money_.desk.All<Refund>()) {
      if (refund.state() == Refund::STATE_SETTLED) settled_refunds_.push_back(refund.refund_id());
    }
  }

  MoneyDesk money_;
  int payments_ = 0;
  int notes_ = 0;
  std::map<std::string, base::v1::SurchargeState> final_surcharges_;
  std::vector<std::string> settled_refunds_;
};

std::vector<Step> RandomSteps() {
  const auto step = rc::gen::construct<Step>(rc::gen::inRange(0, 19), rc::gen::inRange(0, 12),
                                             rc::gen::inRange<int64_t>(1, 1'200));
  return *rc::gen::resize(60, rc::gen::container<std::vector<Step>>(step));
}

RC_GTEST_PROP(MoneyStories, RFD_02_PAY_07_NoStoryBreaksACapTheLedgerOrAFinalState, ()) {
  Story story;
  for (const Step& step : RandomSteps()) {
    story.Play(step);
    story.Check();
  }
}

RC_GTEST_PROP(MoneyStories, PAY_07_AFinishedStoryLeavesNothingOnTheWay, (bool deliver)) {
  Story story;
  for (const Step& step : RandomSteps()) story.Play(step);
  story.Finish(deliver);
  story.Check();
  story.CheckFinished();
}

}  // namespace
}  // namespace makegood::testing
