// What holds of an order's money whatever has happened: PAY-07, PAY-09 to PAY-11, RFD-02, RFD-03, RFD-08,
// RFD-09.
#pragma once

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/rules/payments/grants.h"
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {

// Looks at the money of the desk's order o-1 after each step, and remembers what must not change any more.
class MoneyInvariants {
 public:
  void Check(const Desk& desk) {
    account_ = desk.Find<Account>("o-1").value_or(Account());
    grants_ = desk.All<RefundGrant>();
    refunds_ = desk.All<Refund>();
    notes_ = desk.All<CreditNote>();
    surcharges_ = desk.All<Surcharge>();
    CheckLedger(desk);
    CheckUnits();
    CheckGrants();
    CheckPaidBack();
    CheckSale();
    CheckSurcharges();
    CheckFinalStates();
  }

 private:
  // PAY-07, PAY-11, RFD-07: each entry balances and has its paper; the account says what the entries say, and
  // nothing is below what is there.
  void CheckLedger(const Desk& desk) {
    for (const LedgerEntry& entry : desk.All<LedgerEntry>()) {
      if (!entries_.insert(entry.entry_id()).second) continue;
      RC_ASSERT(rules::CheckEntry(entry).ok());
      RC_ASSERT(desk.Find<Document>(entry.document_id()).has_value());
      for (const Posting& posting : entry.postings()) {
        RC_ASSERT(posting.currency() == account_.currency());
        sums_[posting.account()] += posting.amount_minor();
      }
    }
    std::erase_if(sums_, [](const auto& sum) { return sum.second == 0; });
    std::map<Posting::LedgerAccount, int64_t> told;
    for (const Posting& balance : account_.balances()) told[balance.account()] += balance.amount_minor();
    RC_ASSERT(told == sums_);
    RC_ASSERT(account_.balances_size() == static_cast<int>(sums_.size()));
    for (const auto of :
         {Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT,
          Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT, Posting::LEDGER_ACCOUNT_REFUNDS_GRANTED,
          Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE}) {
      RC_ASSERT(Balance(of) <= 0);
    }
    RC_ASSERT(Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE) >= 0);
    RC_ASSERT(Balance(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY) >= 0);
  }

  // RFD-08: no unit goes back twice; what is given and set aside is what grants say, but for what changed the
  // price alone or went back elsewhere.
  void CheckUnits() {
    std::map<std::pair<int, std::string>, std::pair<int, int>> of_grants;
    for (const RefundGrant& grant : grants_) {
      for (const payments::v1::GrantedItem& item : grant.items()) {
        RC_ASSERT(item.ready() >= 0);
        RC_ASSERT(item.ready() <= item.quantity());
        auto& [given, reserved] = of_grants[{item.kind(), item.item_id()}];
        given += item.ready();
        reserved += item.quantity() - item.ready();
      }
    }
    for (const SoldItem& item : account_.items()) {
      const auto& [given, reserved] = of_grants[{item.kind(), item.item_id()}];
      RC_ASSERT(item.reserved() == reserved);
      RC_ASSERT(item.given() >= given);
      RC_ASSERT(item.given() + item.reserved() <= item.quantity());
    }
  }

  void CheckGrants() {
    std::map<std::string, int64_t> paid_out;
    std::map<std::string, int> open;
    for (const Refund& refund : refunds_) {
      RC_ASSERT(refund.amount().amount_minor() > 0);
      paid_out[refund.grant_id()] += refund.amount().amount_minor();
      if (refund.state() != Refund::STATE_SETTLED) ++open[refund.grant_id()];
    }
    std::set<std::string> cases;
    std::set<std::string> waiting;
    int64_t outstanding = 0;
    for (const RefundGrant& grant : grants_) {
      const int64_t gone = grant.set_off().amount_minor() + grant.paid_out().amount_minor();
      const int64_t rest = grant.ready().amount_minor() - gone;
      RC_ASSERT(rest >= 0);
      RC_ASSERT(rest == 0 || rules::AwaitsCash(account_));
      RC_ASSERT(grant.ready().amount_minor() <= grant.amount().amount_minor());
      RC_ASSERT(grant.paid_out().amount_minor() == paid_out[grant.grant_id()]);
      RC_ASSERT(grant.open_refunds() == open[grant.grant_id()]);
      outstanding += rest;
      const bool waits = grant.state() == RefundGrant::STATE_AWAITING_GOODS ||
                         grant.state() == RefundGrant::STATE_AWAITING_CASH;
      RC_ASSERT(rest == 0 || waits);
      if (waits) waiting.insert(grant.grant_id());
      if (!grant.case_id().empty() && grant.reason() != base::v1::REFUND_REASON_SURCHARGE) {
        RC_ASSERT(cases.insert(grant.case_id()).second);
      }
    }
    RC_ASSERT(outstanding == -Balance(Posting::LEDGER_ACCOUNT_REFUNDS_GRANTED));
    const auto& told = account_.waiting_grant_ids();
    RC_ASSERT(std::set<std::string>(told.begin(), told.end()) == waiting);
    RC_ASSERT(told.size() == static_cast<int>(waiting.size()));
    RC_ASSERT(account_.case_grants_size() == static_cast<int>(cases.size()));
  }

  // RFD-02: what is under way is what is payable, and all that goes out came in, but for goodwill: that is
  // within its cap, and nobody who paid nothing has it.
  void CheckPaidBack() {
    int64_t payable = 0;
    int64_t all = 0;
    for (const Refund& refund : refunds_) {
      all += refund.amount().amount_minor();
      if (refund.state() != Refund::STATE_SETTLED) payable += refund.amount().amount_minor();
    }
    RC_ASSERT(payable == -Balance(Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE));
    const int64_t settled = all - payable;
    const int64_t captured = Balance(Posting::LEDGER_ACCOUNT_CLEARING) + settled;
    const int64_t paid = captured + Balance(Posting::LEDGER_ACCOUNT_KNOWN_ELSEWHERE);
    const int64_t goodwill = Balance(Posting::LEDGER_ACCOUNT_GOODWILL);
    RC_ASSERT(all <= paid + goodwill);
    RC_ASSERT(goodwill >= 0);
    RC_ASSERT(goodwill <= rules::OrderTotal(account_) / 10 + 1);
    RC_ASSERT(goodwill == 0 || paid > 0 || rules::AwaitsCash(account_));
  }

  // PAY-11, RFD-05: what merchant, marketplace and tax office have is that of what is kept, and what credit
  // notes are still to settle down.
  void CheckSale() {
    const bool sold =
        account_.stage() == Account::STAGE_DELIVERED || account_.stage() == Account::STAGE_RETURNED;
    rules::Worth have = sold ? rules::KeptOrder(account_) : rules::Worth();
    if (sold) have.gross += rules::KeptSurcharges(account_).gross;
    int64_t recovery = 0;
    for (const RefundGrant& grant : grants_) {
      recovery += grant.recovered().amount_minor();
      have.vat += grant.vat().amount_minor();
      have.commission += grant.commission().amount_minor();
    }
    for (const CreditNote& note : notes_) {
      RC_ASSERT(note.gross().amount_minor() ==
                note.amount().amount_minor() + note.vat().amount_minor() + note.commission().amount_minor());
      if (note.state() != CreditNote::STATE_ISSUED) continue;
      recovery -= note.gross().amount_minor();
      have.vat -= note.vat().amount_minor();
      have.commission -= note.commission().amount_minor();
    }
    CheckNotesDue();
    have.gross += recovery;
    RC_ASSERT(Balance(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY) == recovery);
    RC_ASSERT(Balance(Posting::LEDGER_ACCOUNT_VAT) == -have.vat);
    RC_ASSERT(Balance(Posting::LEDGER_ACCOUNT_COMMISSION) == -have.commission);
    RC_ASSERT(Balance(Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE) == -have.net_of_commission());
  }

  // RFD-05, PAY-10: what no credit note was asked for is known as such.
  void CheckNotesDue() {
    std::set<std::string> asked;
    for (const CreditNote& note : notes_) asked.insert(note.case_id());
    std::set<std::string> missing;
    for (const RefundGrant& grant : grants_) {
      const bool owed = grant.recovered().amount_minor() > 0;
      if (owed && !asked.contains(grant.case_id())) missing.insert(grant.grant_id());
    }
    const auto& told = account_.note_due_grant_ids();
    RC_ASSERT(std::set<std::string>(told.begin(), told.end()) == missing);
    RC_ASSERT(told.size() == static_cast<int>(missing.size()));
  }

  // PAY-06: what is held for surcharges is what came in on open ones and, until the sale, on paid ones.
  void CheckSurcharges() {
    std::set<std::string> open;
    int64_t held = account_.stage() == Account::STAGE_OPEN ? rules::KeptSurcharges(account_).gross : 0;
    for (const Surcharge& surcharge : surcharges_) {
      RC_ASSERT(surcharge.paid().amount_minor() <= surcharge.amount().amount_minor());
      const bool paid = surcharge.state() == base::v1::SURCHARGE_STATE_PAID;
      RC_ASSERT(paid ==
                (rules::FindItem(account_, SoldItem::KIND_SURCHARGE, surcharge.surcharge_id()) != nullptr));
      if (!rules::IsOpen(surcharge)) continue;
      open.insert(surcharge.surcharge_id());
      held += surcharge.paid().amount_minor();
    }
    RC_ASSERT(held == -Balance(Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT));
    const auto& told = account_.open_surcharge_ids();
    RC_ASSERT(std::set<std::string>(told.begin(), told.end()) == open);
  }

  // RFD-03, RFD-05, PAY-09: what was final stays as it was.
  void CheckFinalStates() {
    const auto stays = [this](const std::string& id, int state, bool final) {
      const auto known = final_.find(id);
      if (known != final_.end()) RC_ASSERT(known->second == state);
      if (final) final_[id] = state;
    };
    for (const Surcharge& one : surcharges_) stays(one.surcharge_id(), one.state(), !rules::IsOpen(one));
    for (const Refund& one : refunds_)
      stays(one.refund_id(), one.state(), one.state() == Refund::STATE_SETTLED);
    for (const CreditNote& one : notes_) {
      stays(one.credit_note_id(), one.state(), one.state() == CreditNote::STATE_ISSUED);
    }
    for (const RefundGrant& one : grants_) {
      stays(one.grant_id(), one.state(),
            one.state() == RefundGrant::STATE_SETTLED || one.state() == RefundGrant::STATE_VOIDED);
    }
  }

  int64_t Balance(Posting::LedgerAccount of) const {
    const auto found = sums_.find(of);
    return found == sums_.end() ? 0 : found->second;
  }

  Account account_;
  std::vector<RefundGrant> grants_;
  std::vector<Refund> refunds_;
  std::vector<CreditNote> notes_;
  std::vector<Surcharge> surcharges_;
  std::set<std::string> entries_;
  std::map<Posting::LedgerAccount, int64_t> sums_;
  std::map<std::string, int> final_;
};

}  // namespace makegood::testing
