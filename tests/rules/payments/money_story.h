// Plays a script on an order: all commands, timers, events of the order and news of its cases.
#pragma once

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "tests/rules/payments/money_desk.h"
#include "tests/rules/payments/money_invariants.h"
#include "tests/rules/payments/money_script.h"
#include "tests/support/work_support.h"

namespace makegood::testing {

class MoneyStory {
 public:
  explicit MoneyStory(const MoneyScript& script) : money_(OrderOf(script)), policies_(PoliciesFor(script)) {
    Tell(money_.Created());
    if (script.history > 0) PlayHistory(script);
  }

  void Play(const MoneyStep& step) {
    switch (step.what) {
      case 0:
      case 1:
        return PayFor("", step.amount, step);
      case 2:
        return PayFor("", money_.Due(), step);
      case 3:
        return Saw(money_.Pay(step.amount, Reference(), "", Payment::DESTINATION_THIRD_PARTY).status());
      case 4:
      case 5:
        return Saw(
            money_.Propose(step.amount, step.which % 2 == 0 ? Service() : Employee(), KindOf(step)).status());
      case 6:
      case 7:
      case 8:
        return OnHold(step);
      case 9:
      case 10:
      case 11:
      case 12:
      case 13:
      case 14:
        return OnSurcharge(step);
      case 15:
      case 16:
        return ByHand(step);
      case 17:
      case 18:
      case 19:
        return NewCase(step);
      case 20:
      case 21:
      case 22:
        return CaseGoesOn(step);
      case 23:
        return OnGrant(step);
      case 24:
      case 25:
      case 26:
        return OnRefund(step);
      case 27:
        return OnNote(step);
      case 28:
      case 29:
        return OrderGoesOn(step);
      default:
        return Hear(step.twice);
    }
  }

  void Check() { invariants_.Check(money_.desk); }

  // Everything open is settled, released, closed and issued, and the order has ended.
  void Finish(int end) {
    if (!HasEnded()) OrderEnds(end % 4);
    while (!untold_.empty()) Hear(false);
    for (const rules::Task& task : money_.desk.Tasks(rules::kPlaceHoldTask)) {
      RC_ASSERT(money_.Hold(IdOf(task), money_.order.state() == Order::STATE_CANCELLED).ok());
    }
    for (const Surcharge& surcharge : money_.desk.All<Surcharge>()) {
      if (rules::IsOpen(surcharge)) RC_ASSERT(money_.Void(surcharge.surcharge_id()).ok());
    }
    if (end % 2 == 0) PayWhatIsDue();
    for (CaseFacts& facts : cases_) {
      facts.asks = true;
      facts.over = true;
      facts.return_number = NumberOf(facts);
      Saw(money_.Follow(facts).status());
    }
    for (const RefundGrant& grant : money_.desk.All<RefundGrant>()) {
      RC_ASSERT(money_.Release(grant.grant_id()).ok());
    }
    PayWhatIsDue();
    for (const Refund& refund : money_.desk.All<Refund>()) {
      if (refund.state() != Refund::STATE_SETTLED) RC_ASSERT(money_.Settle(refund.refund_id()).ok());
    }
    for (const CreditNote& note : money_.desk.All<CreditNote>()) {
      if (note.state() == CreditNote::STATE_REQUESTED) RC_ASSERT(money_.Send(money_.DocumentFor(note)).ok());
    }
  }

  // PAY-10.
  void CheckNothingHangs() const {
    RC_ASSERT(money_.Hanging() == Books());
    const Account account = money_.account();
    RC_ASSERT(!rules::SomethingHangs(account));
    RC_ASSERT(!rules::AwaitsDocument(account));
    RC_ASSERT(account.waiting_grant_ids().empty());
    RC_ASSERT(account.open_surcharge_ids().empty());
    RC_ASSERT(rules::DueMinor(account) == 0);
    for (const RefundGrant& grant : money_.desk.All<RefundGrant>()) {
      RC_ASSERT(grant.state() == RefundGrant::STATE_SETTLED || grant.state() == RefundGrant::STATE_VOIDED);
    }
    for (const SoldItem& item : account.items()) RC_ASSERT(item.reserved() == 0);
    RC_ASSERT(WorkTold(money_.desk.events()).empty());
  }

  // WRK-01: what waits for people is what events have told, each in its commit.
  void CheckWork() const {
    RC_ASSERT(WorkTold(money_.desk.events()) ==
              (WorkOn<Account, Refund, CreditNote, Surcharge>(money_.desk)));
  }

 private:
  // ---- The order: what has happened to it is heard here later, in its order, and at times twice.

  void Tell(const Event& event) { untold_.push_back(event); }

  bool HasEnded() const {
    return money_.order.state() == Order::STATE_DELIVERED || money_.order.state() == Order::STATE_RETURNED ||
           money_.order.state() == Order::STATE_CANCELLED;
  }

  void PlayHistory(const MoneyScript& script) {
    untold_[0].set_imported(true);
    money_.order.set_imported(true);
    if (script.history % 2 == 0) {
      *untold_[0].mutable_order_created()->mutable_imported_payment() =
          money_.Money(money_.order.total().amount_minor() + script.history % 5 - 2);
    }
    if (script.history % 3 == 0) TakeOff(script.history);
    if (script.history % 4 != 0) OrderEnds(script.history / 4 % 4);
    for (Event& event : untold_) event.set_imported(true);
    while (!untold_.empty()) Hear(true);
    RC_ASSERT(money_.desk.All<RefundGrant>().empty());  // ORD-13
    RC_ASSERT(money_.desk.All<Refund>().empty());
  }

  void TakeOff(int which) {
    const int line = which % money_.order.lines_size();
    orders::v1::OrderLine& of = *money_.order.mutable_lines(line);
    const int units = 1 + which % 2;
    if (of.taken_off() + units > of.quantity()) return;
    of.set_taken_off(of.taken_off() + units);
    Tell(money_.TakenOff({{of.line_id(), units}}));
  }

  void OrderEnds(int how) {
    if (how == 0 && money_.order.state() == Order::STATE_OPEN) {
      Tell(money_.Cancelled());
      money_.order.set_state(Order::STATE_CANCELLED);
    } else if (how == 1) {
      Tell(money_.Returned());
      money_.order.set_state(Order::STATE_RETURNED);
    } else {
      Tell(money_.Delivered());
      money_.order.set_state(Order::STATE_DELIVERED);
    }
  }

  void OrderGoesOn(const MoneyStep& step) {
    if (money_.order.state() == Order::STATE_OPEN && step.which % 2 == 0) {
      TakeOff(static_cast<int>(step.amount));
    } else if (money_.order.state() == Order::STATE_OPEN && step.which % 3 > 0) {
      money_.order.set_state(Order::STATE_SHIPPED);
      Event shipped = money_.OrderEvent();
      shipped.mutable_order_shipped();
      Tell(shipped);
    } else if (!HasEnded()) {
      OrderEnds(step.which % 8);
    } else if (money_.order.state() == Order::STATE_DELIVERED && !corrected_ && step.amount % 4 == 0) {
      corrected_ = true;
      Tell(money_.Corrected("R-CORRECTION"));
    }
    if (step.twice) Hear(true);
  }

  void Hear(bool twice) {
    if (untold_.empty()) return;
    const Event event = untold_.front();
    untold_.pop_front();
    const absl::Status heard = money_.desk.As(Service()).Hear(rules::ReactToOrder, event);
    RC_ASSERT(heard == absl::OkStatus());
    if (!twice) return;
    const auto version = money_.account().version();
    RC_ASSERT(money_.desk.Hear(rules::ReactToOrder, event).ok());
    RC_ASSERT(money_.desk.last_events().empty());
    RC_ASSERT(money_.account().version() == version);
  }

  // ---- Money.

  std::string Reference() { return absl::StrCat("ref-", ++payments_); }

  void PayFor(const std::string& surcharge_id, int64_t amount, const MoneyStep& step) {
    if (amount <= 0) return;
    const std::string reference = Reference();
    RC_ASSERT(money_.Pay(amount, reference, surcharge_id).ok());
    if (!step.twice) return;
    RC_ASSERT(money_.Pay(amount, reference, surcharge_id).ok());
    RC_ASSERT(money_.desk.last_events().empty());
    Saw(money_.Pay(amount + 1, reference, surcharge_id).status());
  }

  void PayWhatIsDue() {
    if (const int64_t due = money_.Due(); due > 0) RC_ASSERT(money_.Pay(due, Reference()).ok());
  }

  static base::v1::SurchargeKind KindOf(const MoneyStep& step) {
    return step.which % 3 == 0 ? base::v1::SURCHARGE_KIND_EXTRA_GOODS
                               : base::v1::SURCHARGE_KIND_FARTHER_ADDRESS;
  }

  static std::string IdOf(const rules::Task& task) { return task.id.substr(task.id.find(':') + 1); }

  void OnHold(const MoneyStep& step) {
    const auto tasks = money_.desk.Tasks(rules::kPlaceHoldTask);
    if (tasks.empty()) return;
    const bool left = money_.order.state() == Order::STATE_SHIPPED || HasEnded();
    Saw(money_.Hold(IdOf(tasks[step.which % tasks.size()]), !left && step.amount % 5 > 0));
  }

  // By the one who may, or sometimes by another.
  base::v1::Actor Acting(const MoneyStep& step, const base::v1::Actor& right) const {
    static const std::vector<base::v1::Actor>* const others =
        new std::vector<base::v1::Actor>{Customer(), Customer("c-2"), Employee(), Manager("m-2"),
                                         Manager(),  Operations(),    Service(),  Auditor()};
    return step.actor < 12 ? right : others->at(step.actor - 12);
  }

  void OnSurcharge(const MoneyStep& step) {
    const auto all = money_.desk.All<Surcharge>();
    if (all.empty()) return;
    const Surcharge surcharge = all[step.which % all.size()];
    const std::string& id = surcharge.surcharge_id();
    switch (step.what) {
      case 9:
        return Agree(surcharge, "ApproveSurcharge", rules::ApproveSurcharge, Acting(step, Customer()),
                     payments::v1::ApproveSurchargeRequest{});
      case 10:
        return Agree(surcharge, "IssueSurcharge", rules::IssueSurcharge, Acting(step, Manager()),
                     payments::v1::IssueSurchargeRequest{});
      case 11:
        if (step.amount % 3 == 0) {
          return Agree(surcharge, "DeclineSurcharge", rules::DeclineSurcharge, Acting(step, Customer()),
                       payments::v1::DeclineSurchargeRequest{});
        }
        if (step.amount % 3 == 1) {
          return Agree(surcharge, "VoidSurcharge", rules::VoidSurcharge, Acting(step, Manager()),
                       payments::v1::VoidSurchargeRequest{});
        }
        if (step.which % 4 == 0) money_.desk.MoveTo(rules::ToTime(surcharge.expire_time()));
        return Saw(money_.desk.As(Service()).Decide(rules::ExpireSurcharge, id));
      case 12:
        return PayFor(id, step.amount, step);
      default:
        return PayFor(id, surcharge.amount().amount_minor() - surcharge.paid().amount_minor(), step);
    }
  }

  // ---- Giving back.

  std::vector<payments::v1::GrantRefundRequest> AllByHand() const {
    std::vector<payments::v1::GrantRefundRequest> all = {
        money_.ByHand(base::v1::REFUND_REASON_DELIVERY_FEE),
        money_.ByHand(base::v1::REFUND_REASON_OVER_PAYMENT),
        money_.ByHand(base::v1::REFUND_REASON_GOODWILL, "", 1)};
    for (const Surcharge& surcharge : money_.desk.All<Surcharge>()) {
      all.push_back(money_.ByHand(base::v1::REFUND_REASON_SURCHARGE, surcharge.surcharge_id()));
    }
    return all;
  }

  // ORD-09: a grant is offered if there is one that can be given by hand.
  void ByHand(const MoneyStep& step) {
    if (money_.account().version() > 0 && untold_.empty()) {
      Account shown = money_.account();
      rules::FillActions(shown, Operations(), money_.desk.now(), policies_);
      bool any = false;
      for (const auto& request : AllByHand()) {
        const auto result = money_.desk.As(Operations())
                                .Preview(rules::GrantRefund, request, rules::RefundFacts{money_.order, {}});
        Saw(result.status());
        any = any || result.ok();
      }
      RC_ASSERT(shown.available_actions(1).allowed() == any);
    }
    auto all = AllByHand();
    payments::v1::GrantRefundRequest& request = all[step.which % all.size()];
    if (request.has_goodwill()) {
      const int64_t some = 1 + step.amount % (1 + money_.order.total().amount_minor() / 10);
      request.mutable_goodwill()->set_amount_minor(some);
    }
    if (step.amount % 11 == 0) {
      request = money_.ByHand(step.amount % 2 == 0 ? base::v1::REFUND_REASON_RETURN
                                                   : base::v1::REFUND_REASON_UNSPECIFIED);
    }
    const auto granted = money_.desk.As(Acting(step, Operations()))
                             .Decide(rules::GrantRefund, request, rules::RefundFacts{money_.order, {}});
    Saw(granted.status());
    // RFD-02: with goodwill as without, what is granted when it is decided came in, or is waited for.
    if (granted.ok() && request.has_goodwill()) RC_ASSERT(rules::LeftOfCaptured(money_.account()) >= 0);
  }

  void NewCase(const MoneyStep& step) {
    if (money_.order.state() != Order::STATE_DELIVERED) return;
    const auto& line = money_.order.lines(step.which % money_.order.lines_size());
    const Units units = {{line.line_id(), 1 + static_cast<int>(step.amount) % line.quantity()}};
    const std::string id = absl::StrCat("case-", cases_.size() + 1);
    cases_.push_back(step.amount % 2 == 0 ? AClaim(id, units) : AWithdrawal(id, units, step.which % 4 == 0));
    if (step.amount % 7 == 0) cases_.back().return_number = NumberOf(cases_.back());
    cases_.back().asks = step.amount % 9 != 0;
    FollowUp(cases_.back(), step.twice);
  }

  static std::string NumberOf(const CaseFacts& facts) {
    return absl::StrCat("R-", absl::AsciiStrToUpper(facts.case_id));
  }

  void CaseGoesOn(const MoneyStep& step) {
    if (cases_.empty()) return;
    CaseFacts& facts = cases_[step.which % cases_.size()];
    facts.asks = true;
    if (step.amount % 3 == 0) facts.return_number = NumberOf(facts);
    if (facts.reason == base::v1::REFUND_REASON_WITHDRAWAL && !facts.over) {
      facts.over = step.amount % 5 == 0;
      if (!facts.over) OneMoreComesBack(facts, step);
    }
    FollowUp(facts, step.twice);
  }

  // CLM-08: of the whole order, once its own goods are back, other steps' are, too, or never come.
  static void OneMoreComesBack(CaseFacts& facts, const MoneyStep& step) {
    if (facts.ready.empty()) facts.ready = {{SoldItem::KIND_LINE, facts.granted[0].item_id, 0}};
    if (facts.ready[0].units < facts.granted[0].units) {
      ++facts.ready[0].units;
    } else if (step.amount % 4 == 1 && !facts.whole_order_ready) {
      facts.whole_order = false;
    } else {
      facts = InFull(facts);
    }
  }

  // RFD-09: the same grant, and nothing changes where nothing is new.
  void FollowUp(const CaseFacts& facts, bool twice) {
    const auto grant = money_.Follow(facts);
    Saw(grant.status());
    if (!grant.ok()) return;
    const auto known = grants_.emplace(facts.case_id, grant->grant_id());
    RC_ASSERT(known.first->second == grant->grant_id());
    if (!twice) return;
    const auto again = money_.Follow(facts);
    RC_ASSERT(again.ok());
    RC_ASSERT(again->grant_id() == grant->grant_id());
    RC_ASSERT(money_.desk.last_events().empty());
  }

  void OnGrant(const MoneyStep& step) {
    const auto all = money_.desk.All<RefundGrant>();
    if (all.empty()) return;
    RefundGrant grant = all[step.which % all.size()];
    rules::FillActions(grant, Operations(), money_.desk.now(), policies_);
    const int64_t version = money_.account().version();
    RC_ASSERT(money_.Release(grant.grant_id()).ok());
    RC_ASSERT(grant.available_actions(0).allowed() == (money_.account().version() > version));
  }

  void OnRefund(const MoneyStep& step) {
    const auto all = money_.desk.All<Refund>();
    if (all.empty()) return;
    const Refund refund = all[step.which % all.size()];
    using namespace payments::v1;  // NOLINT(build/namespaces): every request of the service
    if (step.what == 24) {
      SettleRefundRequest request;
      request.set_provider_reference(Reference());
      return Agree(refund, "SettleRefund", rules::SettleRefund, Acting(step, Operations()), request);
    }
    if (step.what == 25 && refund.state() != Refund::STATE_FAILED) {
      return Agree(refund, "FailRefund", rules::FailRefund, Acting(step, Operations()), FailRefundRequest{});
    }
    return Agree(refund, "RetryRefund", rules::RetryRefund, Acting(step, Operations()), RetryRefundRequest{});
  }

  void OnNote(const MoneyStep& step) {
    const auto all = money_.desk.All<CreditNote>();
    if (all.empty()) return;
    const CreditNote note = all[step.which % all.size()];
    auto wrong = money_.DocumentFor(note);
    wrong.set_return_number("R-OTHER");
    const auto refused = money_.Send(wrong);
    RC_ASSERT(RuleOf(refused.status()) == "RFD-05");
    Agree(note, "IssueCreditNote", rules::IssueCreditNote, Acting(step, Manager()), money_.DocumentFor(note));
  }

  // ---- What every decision owes.

  static void Name(const Surcharge& surcharge, auto& request) {
    request.set_surcharge_id(surcharge.surcharge_id());
  }
  static void Name(const Refund& refund, auto& request) { request.set_refund_id(refund.refund_id()); }
  static void Name(const CreditNote& note, auto& request) {
    request.set_credit_note_id(note.credit_note_id());
  }

  // ORD-09: what the record says of the action is what the command says.
  template <typename Record, typename Decide, typename Request>
  void Agree(Record record, absl::string_view action, const Decide& decide, const base::v1::Actor& actor,
             Request request) {
    rules::FillActions(record, actor, money_.desk.now(), policies_);
    const auto told = std::find_if(record.available_actions().begin(), record.available_actions().end(),
                                   [&](const auto& one) { return one.action() == action; });
    RC_ASSERT(told != record.available_actions().end());
    Name(record, request);
    const auto result = money_.desk.As(actor).Decide(decide, SentBy(actor, request));
    Saw(result.status());
    RC_ASSERT(told->allowed() == result.ok());
    if (!result.ok()) RC_ASSERT(told->rule_id() == RuleOf(result.status()));
  }

  // SYS-07: every refusal names its rule, and nothing else goes wrong; SYS-13: what has not arrived is waited
  // for.
  void Saw(const absl::Status& status) {
    if (status.ok()) return;
    const bool waits = status.code() == absl::StatusCode::kUnavailable && !untold_.empty();
    const bool refused = status.code() == absl::StatusCode::kFailedPrecondition ||
                         status.code() == absl::StatusCode::kPermissionDenied;
    if (!waits && !refused) RC_LOG(std::string(status.message()));
    RC_ASSERT(waits || refused);
    RC_ASSERT(!RuleOf(status).empty());
  }

  MoneyDesk money_;
  const rules::PolicyBook& policies_;
  MoneyInvariants invariants_;
  std::deque<Event> untold_;
  std::vector<CaseFacts> cases_;
  std::map<std::string, std::string> grants_;
  bool corrected_ = false;
  int payments_ = 0;
};

}  // namespace makegood::testing
