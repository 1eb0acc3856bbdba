// Plays a script: any command on the order, its cases and its money, by whoever may and by who may not, and
// what is heard and called in between.
#pragma once

#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "tests/rules/together/together_hands.h"
#include "tests/rules/together/together_on_the_way.h"
#include "tests/rules/together/together_script.h"
#include "tests/rules/together/together_world.h"

namespace makegood::testing {

class TogetherStory {
 public:
  explicit TogetherStory(const TogetherScript& script) : world_(MarketplaceOf(script)), hands_(world_) {
    RC_ASSERT(world_.orders.As(Service()).Decide(rules::CreateOrder, CreateRequest(NewOrderOf(script))).ok());
    read_ = world_.order();
    if (script.begins > 0) PayDue({});
    if (script.begins > 1) world_.HearAll();
    if (script.begins > 2) {
      for (int i = 0; i < 2; ++i) LifeGoesOn({});
    }
    if (script.begins > 3) world_.HearAll();
  }

  void Play(const MoneyStep& step) {
    using Deed = void (TogetherStory::*)(const MoneyStep& step);
    static constexpr Deed kDeeds[] = {
        &TogetherStory::LifeGoesOn,   &TogetherStory::LifeGoesOn,   &TogetherStory::OnOrder,
        &TogetherStory::TakeOff,      &TogetherStory::Hold,         &TogetherStory::Correct,
        &TogetherStory::PaySome,      &TogetherStory::PayDue,       &TogetherStory::Propose,
        &TogetherStory::Propose,      &TogetherStory::OnSurcharge,  &TogetherStory::OnSurcharge,
        &TogetherStory::PaySurcharge, &TogetherStory::GiveByHand,   &TogetherStory::Release,
        &TogetherStory::OnRefund,     &TogetherStory::OnRefund,     &TogetherStory::OnNote,
        &TogetherStory::OpenClaim,    &TogetherStory::OpenClaim,    &TogetherStory::OpenClaim,
        &TogetherStory::OpenClaim,    &TogetherStory::Withdraw,     &TogetherStory::Withdraw,
        &TogetherStory::OnEvidence,   &TogetherStory::OnEvidence,   &TogetherStory::OnClaim,
        &TogetherStory::OnClaim,      &TogetherStory::OnClaim,      &TogetherStory::Choose,
        &TogetherStory::Choose,       &TogetherStory::Choose,       &TogetherStory::OnWithdrawal,
        &TogetherStory::OnWithdrawal, &TogetherStory::OnWithdrawal, &TogetherStory::Hear,
        &TogetherStory::Hear,         &TogetherStory::Hear,         &TogetherStory::HearMuch,
        &TogetherStory::Call,         &TogetherStory::Call,         &TogetherStory::Call,
        &TogetherStory::TimePasses,   &TogetherStory::Settle,       &TogetherStory::Settle,
        &TogetherStory::Courier,      &TogetherStory::Courier,      &TogetherStory::Courier,
        &TogetherStory::AtTheDoor,    &TogetherStory::AtTheDoor,    &TogetherStory::Carrier,
        &TogetherStory::Pick,         &TogetherStory::Pick,         &TogetherStory::Report,
        &TogetherStory::ChooseOption, &TogetherStory::ChooseOption, &TogetherStory::ChangeAddress,
        &TogetherStory::ChangeAddress};
    (this->*kDeeds[step.what % std::size(kDeeds)])(step);
  }

  TogetherWorld& world() { return world_; }
  TogetherHands& hands() { return hands_; }

 private:
  template <typename Record>
  static const Record& One(const std::vector<Record>& all, const MoneyStep& step) {
    return all[step.which % all.size()];
  }

  // ---- The order.

  // What others read of it; a decision may rest on what was read just before the last change.
  Order Read(const MoneyStep& step) const { return step.actor == 3 ? read_ : world_.order(); }

  template <typename Decide, typename Request>
  void OnOrderDo(absl::string_view action, const Decide& decide, const base::v1::Actor& actor,
                 const Request& request, Input input = Input::kNone) {
    read_ = world_.order();
    (void)hands_.Do(read_, action, decide, actor, request, input);
  }

  orders::v1::RecordDeliveryRequest DeliveredNow() const { return DeliveredAt(world_.now()); }

  void LifeGoesOn(const MoneyStep& step) {
    const Order::State state = world_.order().state();
    if (state == Order::STATE_SHIPPED) {
      return OnOrderDo("RecordDelivery", rules::RecordDelivery, Acting(step, Employee()), DeliveredNow());
    }
    OnOrderDo("HandOver", rules::HandOver, Acting(step, Employee()), orders::v1::HandOverRequest());
  }

  void OnOrder(const MoneyStep& step) {
    using namespace orders::v1;  // NOLINT(build/namespaces): every request of the service
    switch (step.which) {
      case 0:
      case 1:
        return OnOrderDo("StartShipping", rules::StartShipping, Acting(step, Employee()),
                         StartShippingRequest());
      case 2:
      case 3: {
        MarkReturnedRequest request;
        request.set_cause(base::v1::RETURN_CAUSE_REFUSED);
        return OnOrderDo("MarkReturned", rules::MarkReturned, Acting(step, Operations()), request);
      }
      case 4:
        return OnOrderDo("CancelOrder", rules::CancelOrder, Acting(step, Manager()),
                         CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST));
      case 5:
        return OnOrderDo("RecordDelivery", rules::RecordDelivery, Acting(step, Employee()), DeliveredNow());
      default:
        return OnOrderDo("HandOver", rules::HandOver, Acting(step, Employee()), HandOverRequest());
    }
  }

  void TakeOff(const MoneyStep& step) {
    orders::v1::TakeOffUnitsRequest request;
    request.set_reason(base::v1::REFUND_REASON_CUSTOMER_REQUEST);
    for (const auto& [line_id, count] : UnitsOf(step)) {
      orders::v1::TakenOffUnits& units = *request.add_units();
      units.set_line_id(line_id);
      units.set_quantity(count);
    }
    OnOrderDo("TakeOffUnits", rules::TakeOffUnits, Acting(step, Customer()), request, Input::kMatters);
  }

  void Hold(const MoneyStep& step) {
    read_ = world_.order();
    const auto hold =
        step.which % 2 == 0 ? base::v1::HOLD_NAME_STOCK_SHORTAGE : base::v1::HOLD_NAME_UNDER_INCIDENT;
    world_.orders.As(Acting(step, Manager()));
    if (step.amount % 3 > 0) {
      orders::v1::ReleaseHoldRequest request;
      request.set_order_id(read_.order_id());
      request.set_hold(hold);
      return hands_.Saw(world_.orders.Decide(rules::ReleaseHold, request).status());
    }
    hands_.Saw(world_.orders.Decide(rules::PlaceHold, HoldFor(hold)).status());
  }

  // Farther, nearer, for another fee, somebody else, or confirmed as it is.
  void ChangeAddress(const MoneyStep& step) {
    orders::v1::ChangeAddressRequest request;
    request.set_zone(static_cast<base::v1::AddressZone>(step.which % 4));
    if (step.which % 3 > 0) request.mutable_details()->set_city(absl::StrCat("city-", step.amount));
    if (step.which % 5 == 0) request.mutable_details()->set_name(absl::StrCat("name-", step.amount));
    if (step.amount % 4 > 0) *request.mutable_delivery_fee() = hands_.Money(step.amount % 30);
    OnOrderDo("ChangeAddress", rules::ChangeAddress,
              Acting(step, step.which % 2 == 0 ? Manager() : Customer()), request, Input::kMatters);
  }

  void Correct(const MoneyStep& step) {
    if (!world_.order().has_correction()) {
      if (step.amount % 2 == 0) return;  // it ends everything, so not too often
      return OnOrderDo("ReportFalseDelivery", rules::ReportFalseDelivery, Acting(step, Employee()),
                       orders::v1::ReportFalseDeliveryRequest());
    }
    orders::v1::AssignReturnNumberRequest request;
    request.set_return_number(hands_.NewReturnNumber());
    OnOrderDo("AssignReturnNumber", rules::AssignReturnNumber, Acting(step, Operations()), request);
  }

  // Of one line or of all.
  Units UnitsOf(const MoneyStep& step) const {
    Units units;
    const Order order = world_.order();
    for (int line = 0; line < order.lines_size(); ++line) {
      if (step.which % 3 > 0 && line != step.which % order.lines_size()) continue;
      units.emplace_back(order.lines(line).line_id(),
                         1 + static_cast<int>(step.amount) % order.lines(line).quantity());
    }
    return units;
  }

  void Courier(const MoneyStep& step) { way_.Courier(step); }
  void AtTheDoor(const MoneyStep& step) { way_.AtTheDoor(step); }
  void Carrier(const MoneyStep& step) { way_.Carrier(step); }

  // ---- Trouble before it leaves.

  void Pick(const MoneyStep& step) {
    incidents::v1::RecordPickRequest request;
    const Order order = world_.order();
    for (int line = 0; line < order.lines_size(); ++line) {
      incidents::v1::PickedUnits& picked = *request.add_units();
      picked.set_line_id(order.lines(line).line_id());
      const bool short_here = step.which % 3 == 0 || line == step.which % order.lines_size();
      picked.set_quantity(
          order.lines(line).quantity() -
          (short_here ? static_cast<int>(step.amount) % (order.lines(line).quantity() + 1) : 0));
      if (step.which == 1 && step.twice) picked.set_sku("sku-2");
    }
    if (step.which % 2 == 0) {
      *request.mutable_restock_time() = rules::ToTimestamp(world_.now() + absl::Hours(1 + step.amount % 90));
    }
    OnOrderDo("RecordPick", rules::RecordPick, Acting(step, Employee()), request);
  }

  void Report(const MoneyStep& step) {
    incidents::v1::ReportIncidentRequest request;
    request.set_kind(step.which % 2 == 0 ? base::v1::INCIDENT_KIND_NO_STOCK
                                         : base::v1::INCIDENT_KIND_OVERSIZE);
    if (step.amount % 3 > 0) return Pick(step);  // it may end everything, so not too often
    OnOrderDo("ReportIncident", rules::ReportIncident, Acting(step, Manager()), request);
  }

  void ChooseOption(const MoneyStep& step) {
    const auto all = world_.orders.All<Incident>();
    if (all.empty()) return;
    if (step.which % 4 == 0) return ProposeAlternative(step, One(all, step));
    if (step.which % 4 == 1) return AnswerSupplier(step, One(all, step));
    static constexpr base::v1::IncidentOption kOptions[] = {
        base::v1::INCIDENT_OPTION_AWAIT_RESTOCK, base::v1::INCIDENT_OPTION_CREDIT_MISSING,
        base::v1::INCIDENT_OPTION_CANCEL_ORDER, base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT};
    incidents::v1::ChooseOptionRequest request;
    request.set_option(kOptions[step.amount % std::size(kOptions)]);
    (void)hands_.Do(One(all, step), "ChooseOption", rules::ChooseOption, Acting(step, Customer()), request,
                    Input::kMatters);
  }

  void ProposeAlternative(const MoneyStep& step, const Incident& incident) {
    incidents::v1::ProposeAlternativeRequest request;
    request.set_sku("sku-7");
    request.set_quantity(1 + step.which % 2);
    *request.mutable_unit_price() = rules::MakeMoney(step.amount % 60, world_.order().total().currency());
    request.set_vat_basis_points(step.twice ? 2100 : 0);
    (void)hands_.Do(incident, "ProposeAlternative", rules::ProposeAlternative, Acting(step, Employee()),
                    request, Input::kMatters);
  }

  void AnswerSupplier(const MoneyStep& step, const Incident& incident) {
    if (incident.supplier_tasks().empty()) return;
    incidents::v1::AnswerSupplierTaskRequest request;
    request.set_task(incident.supplier_tasks(step.amount % incident.supplier_tasks_size()).kind());
    request.set_answer(step.twice ? base::v1::SUPPLIER_ANSWER_CANNOT : base::v1::SUPPLIER_ANSWER_WILL_DO);
    if (!step.twice) *request.mutable_expected_time() = rules::ToTimestamp(world_.now() + absl::Hours(30));
    (void)hands_.Do(incident, "AnswerSupplierTask", rules::AnswerSupplierTask, Acting(step, Employee()),
                    request, Input::kMatters);
  }

  // ---- Money.

  std::string Reference() { return absl::StrCat("ref-", ++references_); }

  void PayFor(const std::string& surcharge_id, int64_t amount, const MoneyStep& step) {
    if (amount <= 0) return;
    const std::string reference = Reference();
    RC_ASSERT(hands_.Pay(Read(step), amount, reference, surcharge_id).ok());
    if (!step.twice) return;
    RC_ASSERT(hands_.Pay(Read(step), amount, reference, surcharge_id).ok());
    RC_ASSERT(world_.payments.last_events().empty());
  }

  void PaySome(const MoneyStep& step) {
    if (step.which > 0) return PayFor("", step.amount, step);
    RC_ASSERT(hands_.Pay(Read(step), step.amount, Reference(), "", Payment::DESTINATION_THIRD_PARTY).ok());
  }

  void PayDue(const MoneyStep& step) {
    const Account account = world_.account();
    PayFor("", account.version() > 0 ? rules::DueMinor(account) : world_.order().total().amount_minor(),
           step);
  }

  void Propose(const MoneyStep& step) {
    payments::v1::ProposeSurchargeRequest request;
    request.set_order_id("o-1");
    request.set_kind(step.which % 2 == 0 ? base::v1::SURCHARGE_KIND_EXTRA_GOODS
                                         : base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
    *request.mutable_amount() = hands_.Money(step.amount);
    world_.payments.As(Acting(step, step.which % 3 == 0 ? Service() : Employee()));
    hands_.Saw(world_.payments.Decide(rules::ProposeSurcharge, request, Read(step)).status());
  }

  void OnSurcharge(const MoneyStep& step) {
    const auto all = world_.payments.All<Surcharge>();
    if (all.empty()) return;
    const Surcharge& surcharge = One(all, step);
    using namespace payments::v1;  // NOLINT(build/namespaces): every request of the service
    switch (step.amount % 6) {
      case 0:
        return (void)hands_.Do(surcharge, "DeclineSurcharge", rules::DeclineSurcharge,
                               Acting(step, Customer()), DeclineSurchargeRequest());
      case 1:
        return (void)hands_.Do(surcharge, "VoidSurcharge", rules::VoidSurcharge, Acting(step, Manager()),
                               VoidSurchargeRequest());
      case 2:
      case 3:
        return (void)hands_.Do(surcharge, "IssueSurcharge", rules::IssueSurcharge, Acting(step, Manager()),
                               IssueSurchargeRequest());
      default:
        return (void)hands_.Do(surcharge, "ApproveSurcharge", rules::ApproveSurcharge,
                               Acting(step, Customer()), ApproveSurchargeRequest());
    }
  }

  void PaySurcharge(const MoneyStep& step) {
    const auto all = world_.payments.All<Surcharge>();
    if (all.empty()) return;
    const Surcharge& one = One(all, step);
    const int64_t due = one.amount().amount_minor() - one.paid().amount_minor();
    PayFor(one.surcharge_id(), step.amount % 3 == 0 ? step.amount : due, step);
  }

  void GiveByHand(const MoneyStep& step) {
    payments::v1::GrantRefundRequest request;
    request.set_order_id("o-1");
    const auto surcharges = world_.payments.All<Surcharge>();
    switch (step.which % 4) {
      case 0:
        request.set_reason(base::v1::REFUND_REASON_DELIVERY_FEE);
        break;
      case 1:
        request.set_reason(base::v1::REFUND_REASON_OVER_PAYMENT);
        break;
      case 2:
        request.set_reason(base::v1::REFUND_REASON_GOODWILL);
        *request.mutable_goodwill() = hands_.Money(1 + step.amount % 5);
        break;
      default:
        if (surcharges.empty()) return;
        request.set_reason(base::v1::REFUND_REASON_SURCHARGE);
        request.set_surcharge_id(One(surcharges, step).surcharge_id());
    }
    const auto granted = world_.payments.As(Acting(step, Operations()))
                             .Decide(rules::GrantRefund, request, rules::RefundFacts{Read(step), {}});
    hands_.Saw(granted.status());
    if (granted.ok()) RC_ASSERT(granted->reason() == request.reason());
  }

  void Release(const MoneyStep& step) {
    const auto all = world_.payments.All<RefundGrant>();
    if (all.empty()) return;
    payments::v1::ReleaseRefundGrantRequest request;
    request.set_grant_id(One(all, step).grant_id());
    RC_ASSERT(world_.payments.As(Operations()).Decide(rules::ReleaseRefundGrant, request).ok());
  }

  void OnRefund(const MoneyStep& step) {
    const auto all = world_.payments.All<Refund>();
    if (all.empty()) return;
    const Refund& refund = One(all, step);
    using namespace payments::v1;  // NOLINT(build/namespaces): every request of the service
    if (step.amount % 4 > 1) {
      SettleRefundRequest request;
      request.set_provider_reference(Reference());
      return (void)hands_.Do(refund, "SettleRefund", rules::SettleRefund, Acting(step, Operations()),
                             request);
    }
    if (step.amount % 4 == 1 && refund.state() != Refund::STATE_FAILED) {
      return (void)hands_.Do(refund, "FailRefund", rules::FailRefund, Acting(step, Operations()),
                             FailRefundRequest());
    }
    (void)hands_.Do(refund, "RetryRefund", rules::RetryRefund, Acting(step, Operations()),
                    RetryRefundRequest());
  }

  void OnNote(const MoneyStep& step) {
    const auto all = world_.payments.All<CreditNote>();
    if (all.empty()) return;
    const CreditNote& note = One(all, step);
    (void)hands_.Do(note, "IssueCreditNote", rules::IssueCreditNote, Acting(step, Manager()),
                    hands_.DocumentFor(note));
  }

  // ---- Claims and withdrawals.

  void OpenClaim(const MoneyStep& step) {
    (void)hands_.Begin(Read(step), "OpenClaim", rules::OpenClaim, Acting(step, Customer()),
                       OpenRequest(UnitsOf(step)));
    if (step.twice) Choose(step);
  }

  void Withdraw(const MoneyStep& step) {
    claims::v1::WithdrawPurchaseRequest request;
    if (step.amount % 3 > 0) AddUnits(UnitsOf(step), request);
    (void)hands_.Begin(Read(step), "WithdrawPurchase", rules::WithdrawPurchase, Acting(step, Customer()),
                       request);
  }

  void OnEvidence(const MoneyStep& step) {
    const auto all = world_.claims.All<Claim>();
    if (all.empty()) return;
    (void)hands_.AddEvidence(One(all, step), absl::StrCat("file ", step.amount), Acting(step, Customer()));
    if (step.twice) return;
    (void)hands_.Do(One(world_.claims.All<Claim>(), step), "SubmitEvidence", rules::SubmitEvidence,
                    Acting(step, Customer()), claims::v1::SubmitEvidenceRequest());
  }

  void OnClaim(const MoneyStep& step) {
    const auto all = world_.claims.All<Claim>();
    if (all.empty()) return;
    const Claim& claim = One(all, step);
    using namespace claims::v1;  // NOLINT(build/namespaces): every request of the service
    switch (step.amount % 10) {
      case 0:
        return (void)hands_.Do(claim, "ApproveClaim", rules::ApproveClaim, Acting(step, Operations()),
                               ApproveClaimRequest());
      case 1:
        return (void)hands_.Do(claim, "RejectClaim", rules::RejectClaim, Acting(step, Operations()),
                               RejectRequest(claim));
      case 2:
        return (void)hands_.Do(claim, "AppealClaim", rules::AppealClaim, Acting(step, Customer()),
                               AppealClaimRequest());
      case 3:
        return (void)hands_.Do(claim, "RetractClaim", rules::RetractClaim, Acting(step, Customer()),
                               RetractClaimRequest());
      case 4:
        return (void)hands_.Do(claim, "ReportOutOfStock", rules::ReportOutOfStock, Acting(step, Employee()),
                               ReportOutOfStockRequest());
      case 5:
      case 6:
        return (void)hands_.Do(claim, "RecordReship", rules::RecordReship, Acting(step, Employee()),
                               ReshipRequest(claim));
      case 7:
        return (void)hands_.Do(claim, "RetryClaimCalls", rules::RetryClaimCalls, Acting(step, Operations()),
                               RetryClaimCallsRequest());
      default:
        return (void)hands_.Do(claim, "CreateReturnDocument", rules::CreateReturnDocument,
                               Acting(step, Operations()), ReturnRequest(claim, hands_.NewReturnNumber()));
    }
  }

  void Choose(const MoneyStep& step) {
    const auto all = world_.claims.All<Claim>();
    if (all.empty()) return;
    const Claim& claim = One(all, step);
    const auto resolution = static_cast<base::v1::ResolutionKind>(1 + step.amount % 4);
    (void)hands_.Do(claim, "ChooseResolution", rules::ChooseResolution, Acting(step, Customer()),
                    ChooseRequest(claim, resolution), Input::kMatters);
  }

  void OnWithdrawal(const MoneyStep& step) {
    const auto all = world_.claims.All<Withdrawal>();
    if (all.empty()) return;
    const Withdrawal& one = One(all, step);
    using namespace claims::v1;  // NOLINT(build/namespaces): every request of the service
    switch (step.amount % 7) {
      case 0:
        return (void)hands_.Do(one, "CloseWithdrawal", rules::CloseWithdrawal, Acting(step, Operations()),
                               CloseWithdrawalRequest());
      case 1:
      case 2: {
        CreateWithdrawalDocumentRequest request;
        request.set_return_number(hands_.NewReturnNumber());
        return (void)hands_.Do(one, "CreateWithdrawalDocument", rules::CreateWithdrawalDocument,
                               Acting(step, Operations()), request);
      }
      case 3:
        return (void)hands_.Do(one, "RetryWithdrawalCalls", rules::RetryWithdrawalCalls,
                               Acting(step, Operations()), RetryWithdrawalCallsRequest());
      default: {
        RecordGoodsReturnedRequest request;
        if (step.twice) AddUnits({{one.units(step.which % one.units_size()).line_id(), 1}}, request);
        return (void)hands_.Do(one, "RecordGoodsReturned", rules::RecordGoodsReturned,
                               Acting(step, Employee()), request, Input::kMatters);
      }
    }
  }

  // ---- Between the desks.

  void Hear(const MoneyStep& step) { world_.Hear(step.which, step.twice); }

  void HearMuch(const MoneyStep& step) {
    for (int i = 0; i < 5; ++i) world_.Hear(step.which, step.twice);
  }

  void Call(const MoneyStep& step) {
    const auto calls = world_.Calls();
    if (!calls.empty()) world_.Make(One(calls, step), step.actor % 5 == 0);
  }

  // Everybody is quick for once.
  void Settle(const MoneyStep& step) {
    world_.HearAll();
    for (const TogetherWorld::Call& call : world_.Calls()) world_.Make(call, step.twice);
  }

  // Timers fire late after a downtime (SYS-05).
  void TimePasses(const MoneyStep& step) {
    world_.Advance(absl::Hours(step.amount % 3 == 0 ? 24 * step.which : step.which));
    if (!step.twice) world_.RunTimers();
  }

  TogetherWorld world_;
  TogetherHands hands_;
  TogetherOnTheWay way_{hands_};
  Order read_;
  int references_ = 0;
};

}  // namespace makegood::testing
