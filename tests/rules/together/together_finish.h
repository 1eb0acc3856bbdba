// Brings a world to its end: everything is heard and called, every piece of work is done by a command that
// does it, and the order ends.
#pragma once

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/rules/incidents/closing_rules.h"
#include "common/rules/incidents/supplier_tasks.h"
#include "common/rules/work/work_table.h"
#include "tests/rules/together/together_hands.h"
#include "tests/rules/together/together_invariants.h"

namespace makegood::testing {

class TogetherFinish {
 public:
  // `choice`: what is done where people may choose.
  TogetherFinish(TogetherWorld& world, TogetherHands& hands, int choice)
      : world_(world), hands_(hands), choice_(choice) {}

  void Run() {
    for (int rounds = 0; rounds < kMost; ++rounds) {
      Settle();
      if (const auto work = FirstWork(); work.has_value()) {
        DoWork(*work);
      } else if (!rules::IsFinal(world_.order().state())) {
        EndOrder();
      } else if (IsUnderWayLate()) {
        deliveries::v1::HandOverParcelRequest request;
        request.set_taker(base::v1::TAKER_RECIPIENT);
        MustBe(hands_.OnTheWay("HandOverParcel", rules::HandOverParcel, Employee(), request));
      } else if (Ended()) {
        return;
      } else {
        world_.Advance(absl::Hours(24 * 100));  // an appeal that nobody makes
        world_.RunTimers();
        ++waits_;
        RC_ASSERT(waits_ < 5);
      }
    }
    RC_FAIL("it does not come to an end");
  }

  // PAY-10, PAY-02, ORD-05, CLM-08, RFD-09: nothing hangs, and no work is open.
  void CheckNothingHangs() const {
    const Account account = world_.account();
    RC_ASSERT(!rules::SomethingHangs(account));
    RC_ASSERT(!rules::AwaitsDocument(account));
    for (const auto of :
         {Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE,
          Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT, Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT,
          Posting::LEDGER_ACCOUNT_REFUNDS_GRANTED, Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE,
          Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY}) {
      RC_ASSERT(rules::BalanceOf(account, of) == 0);
    }
    RC_ASSERT(account.order_version() == world_.order().version());
    RC_ASSERT(!world_.order().has_address_change());
    RC_ASSERT(account.waiting_grant_ids().empty());
    RC_ASSERT(account.note_due_grant_ids().empty());
    RC_ASSERT(account.open_surcharge_ids().empty());
    for (const SoldItem& item : account.items()) RC_ASSERT(item.reserved() == 0);
    for (const RefundGrant& grant : world_.payments.All<RefundGrant>()) {
      RC_ASSERT(grant.state() == RefundGrant::STATE_SETTLED || grant.state() == RefundGrant::STATE_VOIDED);
    }
    CheckCases();
    const Order order = world_.order();
    // One that people placed keeps nothing back any more, and stays as it was.
    for (const orders::v1::Hold& hold : order.holds()) {
      RC_ASSERT(hold.name() != base::v1::HOLD_NAME_AWAITING_SURCHARGE);
    }
    if (order.has_correction()) {
      RC_ASSERT(order.correction().state() == orders::v1::Correction::STATE_SETTLED);
    }
    for (const Incident& incident : world_.orders.All<Incident>()) RC_ASSERT(!rules::IsOpen(incident));
    for (const rules::Work& work : world_.orders.All<rules::Work>()) RC_ASSERT(!rules::IsOpen(work));
    RC_ASSERT(world_.Calls().empty());
  }

 private:
  static constexpr int kMost = 400;

  // No timer is late, and nothing is under way between the desks any more.
  void Settle() {
    world_.RunTimers();
    world_.HearAll();
    for (int i = 0; !world_.Calls().empty(); ++i) {
      RC_ASSERT(i < kMost);
      world_.Make(world_.Calls().front(), false);
      world_.HearAll();
    }
    TogetherInvariants::CheckWorkListed(world_);
    CheckOpened();
  }

  // ORD-01: prepaid is open once nothing is due, and not before.
  void CheckOpened() const {
    const Order order = world_.order();
    if (order.payment_method() != base::v1::PAYMENT_METHOD_PREPAID || rules::IsFinal(order.state())) return;
    if (order.state() == Order::STATE_BLOCKED) RC_ASSERT(rules::DueMinor(world_.account()) > 0);
  }

  // What had been called delivered, and goes to its recipient at last (ORD-07).
  bool IsUnderWayLate() const {
    const auto delivery = world_.orders.Find<rules::Delivery>("o-1");
    return delivery.has_value() && rules::IsMissing(*delivery);
  }

  bool Ended() const {
    const auto claims = world_.claims.All<Claim>();
    const auto withdrawals = world_.claims.All<Withdrawal>();
    return std::none_of(claims.begin(), claims.end(), [](const Claim& one) { return rules::IsOpen(one); }) &&
           std::none_of(withdrawals.begin(), withdrawals.end(),
                        [](const Withdrawal& one) { return rules::IsOpen(one); });
  }

  void EndOrder() {
    const Order order = world_.order();
    if (choice_ % 3 == 0 && rules::IsBeforeHandover(order.state())) {
      return MustBe(
          hands_.Do(order, "CancelOrder", rules::CancelOrder, Operations(),
                    CancelFor(base::v1::INITIATOR_MARKETPLACE, base::v1::CANCEL_REASON_UNAVAILABLE)));
    }
    if (order.state() == Order::STATE_BLOCKED) return PayRest();
    if (rules::IsBeforeHandover(order.state())) {
      return MustBe(hands_.Do(order, "HandOver", rules::HandOver, Employee(), orders::v1::HandOverRequest()));
    }
    if (choice_ % 3 == 1) {
      orders::v1::MarkReturnedRequest request;
      request.set_cause(base::v1::RETURN_CAUSE_REFUSED);
      return MustBe(hands_.Do(order, "MarkReturned", rules::MarkReturned, Operations(), request));
    }
    RC_ASSERT(!rules::IsComingBack(order));  // somebody has work with it
    MustBe(hands_.Do(order, "RecordDelivery", rules::RecordDelivery, Employee(), DeliveredAt(world_.now())));
  }

  // ---- Work.

  std::optional<base::v1::WorkItem> FirstWork() const {
    for (const rules::Work& work : world_.orders.All<rules::Work>()) {
      if (rules::IsOpen(work)) return work.item();
    }
    return std::nullopt;
  }

  void DoWork(const base::v1::WorkItem& item) {
    RC_ASSERT(!rules::MethodsFor(item).empty());
    const auto listed = rules::TurnsAndKinds();
    RC_ASSERT(std::count(listed.begin(), listed.end(), std::pair(item.turn(), item.kind())) == 1);
    if (world_.orders.Find<Incident>(item.case_id()).has_value()) return DoOnIncident(item);
    if (world_.claims.Find<Claim>(item.subject_id()).has_value()) return DoOnClaim(item);
    if (world_.claims.Find<Withdrawal>(item.subject_id()).has_value()) return DoOnWithdrawal(item);
    using namespace payments::v1;  // NOLINT(build/namespaces): every request of the service
    switch (item.kind()) {
      case base::v1::WORK_KIND_MOVE_MONEY: {
        SettleRefundRequest request;
        request.set_provider_reference("bank-1");
        return MustBe(
            hands_.Do(The<Refund>(item), "SettleRefund", rules::SettleRefund, Operations(), request));
      }
      case base::v1::WORK_KIND_RETRY_REFUND:
        return MustBe(hands_.Do(The<Refund>(item), "RetryRefund", rules::RetryRefund, Operations(),
                                RetryRefundRequest()));
      case base::v1::WORK_KIND_ISSUE_CREDIT_NOTE: {
        const CreditNote note = The<CreditNote>(item);
        return MustBe(
            hands_.Do(note, "IssueCreditNote", rules::IssueCreditNote, Manager(), hands_.DocumentFor(note)));
      }
      case base::v1::WORK_KIND_RECORD_CASH:
      case base::v1::WORK_KIND_PAY_REST:
        return PayRest();
      case base::v1::WORK_KIND_ASSIGN_RETURN_NUMBER: {
        orders::v1::AssignReturnNumberRequest request;
        request.set_return_number(hands_.NewReturnNumber());
        return MustBe(hands_.Do(world_.order(), "AssignReturnNumber", rules::AssignReturnNumber, Operations(),
                                request));
      }
      case base::v1::WORK_KIND_RELEASE_HOLD:
        return Release(item);
      case base::v1::WORK_KIND_BRING_BACK:
      case base::v1::WORK_KIND_DISPATCH_AGAIN:
      case base::v1::WORK_KIND_RECORD_INTERCEPTION:
      case base::v1::WORK_KIND_CLEAR_CUSTOMS:
        return DoOnTheWay(item);
      case base::v1::WORK_KIND_CONFIRM_ADDRESS:
        return MustBe(hands_.Do(world_.order(), "ChangeAddress", rules::ChangeAddress, Operations(),
                                orders::v1::ChangeAddressRequest()));
      default:
        return DoOnSurcharge(item);
    }
  }

  void DoOnTheWay(const base::v1::WorkItem& item) {
    using namespace deliveries::v1;  // NOLINT(build/namespaces): every request of the service
    switch (item.kind()) {
      case base::v1::WORK_KIND_BRING_BACK:
        return MustBe(hands_.OnTheWay("RecordParcelBack", rules::RecordParcelBack, Employee(),
                                      RecordParcelBackRequest()));
      case base::v1::WORK_KIND_RECORD_INTERCEPTION: {
        RecordInterceptionRequest request;
        request.set_answer(choice_ % 2 == 0 ? INTERCEPTION_ANSWER_GIVEN_BACK
                                            : INTERCEPTION_ANSWER_NOT_GIVEN_BACK);
        return MustBe(hands_.OnTheWay("RecordInterception", rules::RecordInterception, Employee(), request));
      }
      case base::v1::WORK_KIND_CLEAR_CUSTOMS:
        return MustBe(hands_.OnTheWay("RecordCustomsRelease", rules::RecordCustomsRelease, Employee(),
                                      RecordCustomsReleaseRequest()));
      default: {
        if (rules::IsFinal(world_.order().state()) && choice_ % 2 == 0) {
          return MustBe(hands_.OnTheWay("RecordLateArrival", rules::RecordLateArrival, Customer(),
                                        RecordLateArrivalRequest()));
        }
        DispatchRequest request;
        request.set_courier_id("courier-1");
        return MustBe(hands_.OnTheWay("Dispatch", rules::Dispatch, Employee(), request));
      }
    }
  }

  void DoOnSurcharge(const base::v1::WorkItem& item) {
    using namespace payments::v1;  // NOLINT(build/namespaces): every request of the service
    const Surcharge one = The<Surcharge>(item);
    if (choice_ % 2 == 0 && item.kind() == base::v1::WORK_KIND_APPROVE_SURCHARGE) {
      return MustBe(
          hands_.Do(one, "DeclineSurcharge", rules::DeclineSurcharge, Customer(), DeclineSurchargeRequest()));
    }
    switch (item.kind()) {
      case base::v1::WORK_KIND_APPROVE_SURCHARGE:
        return MustBe(hands_.Do(one, "ApproveSurcharge", rules::ApproveSurcharge, Customer(),
                                ApproveSurchargeRequest()));
      case base::v1::WORK_KIND_ISSUE_SURCHARGE:
        return MustBe(
            hands_.Do(one, "IssueSurcharge", rules::IssueSurcharge, Manager(), IssueSurchargeRequest()));
      default:
        RC_ASSERT(item.kind() == base::v1::WORK_KIND_PAY_SURCHARGE);
        return MustBe(
            hands_.Pay(world_.order(), item.amount().amount_minor(), Reference(), one.surcharge_id()));
    }
  }

  void DoOnIncident(const base::v1::WorkItem& item) {
    const Incident incident = *world_.orders.Find<Incident>(item.case_id());
    if (item.kind() == base::v1::WORK_KIND_PICK_AGAIN) return PickAll();
    if (item.kind() == base::v1::WORK_KIND_ANSWER_SUPPLIER_TASK) return AnswerSupplier(incident);
    if (item.kind() == base::v1::WORK_KIND_CLOSE_INCIDENT) {
      incidents::v1::CloseIncidentRequest request;
      request.set_root_cause(base::v1::ROOT_CAUSE_LISTING);
      return MustBe(hands_.Do(incident, "CloseIncident", rules::CloseIncident, Operations(), request));
    }
    if (item.kind() == base::v1::WORK_KIND_EXPEDITE || incident.options().empty()) {
      return MustBe(
          hands_.Do(world_.order(), "CancelOrder", rules::CancelOrder, Operations(),
                    CancelFor(base::v1::INITIATOR_MARKETPLACE, base::v1::CANCEL_REASON_UNAVAILABLE)));
    }
    incidents::v1::ChooseOptionRequest request;
    // The last is there whatever time it is.
    const bool any = rules::ToTime(incident.restock_time()) > world_.now();
    request.set_option(
        incident.options(any ? choice_ % incident.options_size() : incident.options_size() - 1).option());
    if (incident.state() == Incident::STATE_AWAITING_RESTOCK) return PickAll();
    if (request.option() == base::v1::INCIDENT_OPTION_ANOTHER_RECIPIENT) {
      request.mutable_recipient()->set_name("Mehmet");
      request.mutable_recipient()->add_address_lines("Bagdat Cad. 1");
    }
    MustBe(hands_.Do(incident, "ChooseOption", rules::ChooseOption,
                     item.turn() == base::v1::WORK_TURN_CUSTOMER ? Customer() : Operations(), request));
  }

  void AnswerSupplier(const Incident& incident) {
    incidents::v1::AnswerSupplierTaskRequest request;
    for (const incidents::v1::SupplierTask& task : incident.supplier_tasks()) {
      if (task.answer() == base::v1::SUPPLIER_ANSWER_UNSPECIFIED) request.set_task(task.kind());
    }
    request.set_answer(choice_ % 2 == 0 ? base::v1::SUPPLIER_ANSWER_WILL_DO
                                        : base::v1::SUPPLIER_ANSWER_CANNOT);
    MustBe(hands_.Do(incident, "AnswerSupplierTask", rules::AnswerSupplierTask, Employee(), request));
  }

  void PickAll() {
    incidents::v1::RecordPickRequest request;
    const Order order = world_.order();
    for (const orders::v1::OrderLine& line : order.lines()) {
      incidents::v1::PickedUnits& picked = *request.add_units();
      picked.set_line_id(line.line_id());
      picked.set_quantity(line.quantity() - line.taken_off());
    }
    MustBe(hands_.Do(order, "RecordPick", rules::RecordPick, Employee(), request));
  }

  void DoOnClaim(const base::v1::WorkItem& item) {
    using namespace claims::v1;  // NOLINT(build/namespaces): every request of the service
    const Claim claim = The<Claim>(item);
    switch (item.kind()) {
      case base::v1::WORK_KIND_SUBMIT_EVIDENCE:
        MustBe(hands_.AddEvidence(claim, "a last file", Customer()));
        return MustBe(hands_.Do(The<Claim>(item), "SubmitEvidence", rules::SubmitEvidence, Customer(),
                                SubmitEvidenceRequest()));
      case base::v1::WORK_KIND_DECIDE_CLAIM:
        if (choice_ % 2 == 0) {
          return MustBe(
              hands_.Do(claim, "RejectClaim", rules::RejectClaim, Operations(), RejectRequest(claim)));
        }
        return MustBe(
            hands_.Do(claim, "ApproveClaim", rules::ApproveClaim, Operations(), ApproveClaimRequest()));
      case base::v1::WORK_KIND_CHOOSE_RESOLUTION:
        return Choose(claim);
      case base::v1::WORK_KIND_SEND_AGAIN:
        if (choice_ % 2 == 0 && claim.gross().amount_minor() > 0) {
          return MustBe(hands_.Do(claim, "ReportOutOfStock", rules::ReportOutOfStock, Employee(),
                                  ReportOutOfStockRequest()));
        }
        return MustBe(
            hands_.Do(claim, "RecordReship", rules::RecordReship, Employee(), ReshipRequest(claim)));
      case base::v1::WORK_KIND_COLLECT_WRONG_ITEM:
        return MustBe(hands_.Do(claim, "RecordCollection", rules::RecordCollection, Employee(),
                                RecordCollectionRequest()));
      case base::v1::WORK_KIND_CREATE_RETURN_DOCUMENT:
        return MustBe(hands_.Do(claim, "CreateReturnDocument", rules::CreateReturnDocument, Operations(),
                                ReturnRequest(claim, hands_.NewReturnNumber())));
      default:
        RC_ASSERT(item.kind() == base::v1::WORK_KIND_RETRY_CALLS);
        return Retry(hands_.Do(claim, "RetryClaimCalls", rules::RetryClaimCalls, Operations(),
                               RetryClaimCallsRequest()));
    }
  }

  void Choose(Claim claim) {
    RC_ASSERT(rules::FillActions(claim, Customer(), world_.now(), world_.policies).ok());
    const auto& offered = claim.offered_resolutions();
    RC_ASSERT(!offered.empty());
    const auto resolution = static_cast<base::v1::ResolutionKind>(offered[choice_++ % offered.size()]);
    MustBe(hands_.Do(claim, "ChooseResolution", rules::ChooseResolution, Customer(),
                     ChooseRequest(claim, resolution)));
  }

  void DoOnWithdrawal(const base::v1::WorkItem& item) {
    using namespace claims::v1;  // NOLINT(build/namespaces): every request of the service
    const Withdrawal one = The<Withdrawal>(item);
    switch (item.kind()) {
      case base::v1::WORK_KIND_RETURN_GOODS:
        if (choice_++ % 4 == 0) {
          return MustBe(hands_.Do(one, "CloseWithdrawal", rules::CloseWithdrawal, Operations(),
                                  CloseWithdrawalRequest()));
        }
        return MustBe(hands_.Do(one, "RecordGoodsReturned", rules::RecordGoodsReturned, Employee(),
                                RecordGoodsReturnedRequest()));
      case base::v1::WORK_KIND_CREATE_RETURN_DOCUMENT: {
        CreateWithdrawalDocumentRequest request;
        request.set_return_number(hands_.NewReturnNumber());
        return MustBe(hands_.Do(one, "CreateWithdrawalDocument", rules::CreateWithdrawalDocument,
                                Operations(), request));
      }
      default:
        RC_ASSERT(item.kind() == base::v1::WORK_KIND_RETRY_CALLS);
        return Retry(hands_.Do(one, "RetryWithdrawalCalls", rules::RetryWithdrawalCalls, Operations(),
                               RetryWithdrawalCallsRequest()));
    }
  }

  // What keeps being refused never ends (SYS-13).
  void Retry(const absl::Status& status) {
    MustBe(status);
    ++retries_;
    RC_ASSERT(retries_ < 10);
  }

  void Release(const base::v1::WorkItem& item) {
    const Order order = world_.order();
    for (const orders::v1::Hold& hold : order.holds()) {
      if (item.detail() != base::v1::HoldName_Name(hold.name())) continue;
      orders::v1::ReleaseHoldRequest request;
      request.set_hold(hold.name());
      return MustBe(hands_.Do(order, "ReleaseHold", rules::ReleaseHold, Manager(), request));
    }
    RC_FAIL("there is no such hold");
  }

  void PayRest() {
    const int64_t due = rules::DueMinor(world_.account());
    RC_ASSERT(due > 0);
    MustBe(hands_.Pay(world_.order(), due, Reference()));
  }

  template <typename Record>
  Record The(const base::v1::WorkItem& item) const {
    const Desk& desk =
        std::is_same_v<Record, Claim> || std::is_same_v<Record, Withdrawal> ? world_.claims : world_.payments;
    const auto found = desk.Find<Record>(item.subject_id());
    RC_ASSERT(found.has_value());
    return *found;
  }

  std::string Reference() { return absl::StrCat("last-", ++references_); }

  static void MustBe(const absl::Status& status) {
    if (!status.ok()) RC_LOG() << status.ToString() << "\n";
    RC_ASSERT(status.ok());
  }

  // CLM-13, CLM-08: every case has come to its end; one that gave money back, by its grant.
  void CheckCases() const {
    std::set<std::string> granted;
    for (const RefundGrant& grant : world_.payments.All<RefundGrant>()) granted.insert(grant.case_id());
    for (const Claim& claim : world_.claims.All<Claim>()) {
      RC_ASSERT(!rules::IsOpen(claim));
      RC_ASSERT(claim.refused_calls().empty());
      const bool refunded =
          claim.state() == Claim::STATE_RESOLVED && claim.resolution() == base::v1::RESOLUTION_KIND_REFUND;
      if (refunded) RC_ASSERT(granted.contains(claim.claim_id()));
    }
    for (const Withdrawal& withdrawal : world_.claims.All<Withdrawal>()) {
      RC_ASSERT(!rules::IsOpen(withdrawal));
      RC_ASSERT(withdrawal.refused_calls().empty());
    }
  }

  TogetherWorld& world_;
  TogetherHands& hands_;
  int choice_;
  int waits_ = 0;
  int retries_ = 0;
  int references_ = 0;
};

}  // namespace makegood::testing
