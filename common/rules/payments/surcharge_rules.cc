#include "common/rules/payments/surcharge_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/enum_word.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/payments/grants.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/policy/terms.h"
#include "common/rules/scope.h"
#include "common/rules/timers.h"
#include "common/rules/times.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::rules {
namespace {

using base::v1::Actor;
using payments::v1::Account;
using payments::v1::Posting;
using payments::v1::Surcharge;

// ---- Guards: asked before a decision, and for what the caller may do now.

absl::Status CheckOpen(const Surcharge& surcharge) {
  if (IsOpen(surcharge)) return absl::OkStatus();
  return Refusal("PAY-09", absl::StrCat("the surcharge has ended: ", EnumWord(surcharge.state())));
}

absl::Status CheckProposed(const Surcharge& surcharge) {
  if (surcharge.state() != base::v1::SURCHARGE_STATE_PROPOSED) {
    return Refusal("PAY-09", absl::StrCat("only a proposed surcharge is approved or declined; this one is ",
                                          EnumWord(surcharge.state())));
  }
  if (!surcharge.visible()) return Refusal("PAY-02", "the orders service has not confirmed the hold yet");
  return absl::OkStatus();
}

absl::Status CheckApproved(const Surcharge& surcharge) {
  RETURN_IF_ERROR(CheckOpen(surcharge));
  if (surcharge.state() == base::v1::SURCHARGE_STATE_PROPOSED) {
    return Refusal("PAY-01", "the customer has not approved it");
  }
  if (surcharge.state() == base::v1::SURCHARGE_STATE_ISSUED) {
    return Refusal("PAY-09", "the surcharge is issued already");
  }
  return absl::OkStatus();
}

// PAY-03: by whom the policy names, once it is approved.
absl::Status MayIssue(const Asked<Surcharge>& asked) {
  ASSIGN_OR_RETURN(const Policy* const policy, asked.policy());
  const auto& issuers = policy->surcharges().issuers();
  if (std::find(issuers.begin(), issuers.end(), asked.actor.role()) == issuers.end()) {
    return Denied("PAY-03", "the policy lets others issue surcharges");
  }
  return CheckApproved(asked.record);
}

const Action<Surcharge> kApproveSurcharge{MethodOf<payments::v1::ApproveSurchargeRequest>,
                                          ByRecord<CheckProposed>::Guard};
const Action<Surcharge> kDeclineSurcharge{MethodOf<payments::v1::DeclineSurchargeRequest>,
                                          ByRecord<CheckProposed>::Guard};
const Action<Surcharge> kIssueSurcharge{MethodOf<payments::v1::IssueSurchargeRequest>, MayIssue};
const Action<Surcharge> kVoidSurcharge{MethodOf<payments::v1::VoidSurchargeRequest>,
                                       ByRecord<CheckOpen>::Guard};

// PAY-04, and what a proposal must look like.
absl::Status CheckProposal(const payments::v1::ProposeSurchargeRequest& request, const Policy& policy,
                           absl::string_view currency) {
  std::vector<FieldViolation> violations;
  if (request.amount().amount_minor() <= 0) violations.push_back({"amount.amount_minor", "is 0, want more"});
  if (request.amount().currency() != currency) {
    violations.push_back({"amount.currency", absl::StrCat("is not the order's, ", currency)});
  }
  if (!violations.empty()) return InvalidFields(violations);
  RETURN_IF_ERROR(CheckCharged(policy, request.kind()));
  if (request.kind() != base::v1::SURCHARGE_KIND_ADDED_PRODUCT) return absl::OkStatus();
  if (request.product().empty()) return Refusal("PAY-04", "an added product must be named");
  if (request.amount().amount_minor() != request.product_price().amount_minor() ||
      request.amount().currency() != request.product_price().currency()) {
    return Refusal("PAY-04", "the amount for an added product equals its price");
  }
  return absl::OkStatus();
}

// By what the orders service said before the decision, and by what its events have said since.
absl::Status CheckNotLeft(const orders::v1::Order& order, const Account& account) {
  if (HasEnded(account)) {
    return Refusal("PAY-02", "the order cannot be held any more: it has ended");
  }
  using orders::v1::Order;
  switch (order.state()) {
    case Order::STATE_BLOCKED:
    case Order::STATE_OPEN:
    case Order::STATE_SHIPPING:
      return absl::OkStatus();
    case Order::STATE_SHIPPED:
      // On its way back, or at the store again: it is held before it goes out another time (DLV-03).
      if (order.whereabouts() == Order::WHEREABOUTS_RETURNING ||
          order.whereabouts() == Order::WHEREABOUTS_AT_STORE) {
        return absl::OkStatus();
      }
      [[fallthrough]];
    default:
      return Refusal("PAY-02",
                     absl::StrCat("the order cannot be held any more: it is ", EnumWord(order.state())));
  }
}

// ---- Steps.

bool IsPaidUp(const Surcharge& surcharge) {
  return surcharge.paid().amount_minor() == surcharge.amount().amount_minor();
}

// Whether the surcharge rests where it is now, or goes on to PAID in this same decision.
enum class Stay { kResting, kPassing };

void EmitMoved(const Surcharge& surcharge, const Account& account, const Moment& moment, Transaction& tx,
               Stay stay = Stay::kResting) {
  events::v1::Event event = EventOf(account, surcharge.surcharge_id(), moment);
  *event.mutable_policy() = surcharge.policy();
  events::v1::SurchargeMoved& moved = *event.mutable_surcharge_moved();
  moved.set_state(surcharge.state());
  moved.set_kind(surcharge.kind());
  *moved.mutable_amount() = surcharge.amount();
  moved.set_visible(surcharge.visible());
  moved.set_passing(stay == Stay::kPassing);
  const bool answered = surcharge.state() == base::v1::SURCHARGE_STATE_APPROVED ||
                        surcharge.state() == base::v1::SURCHARGE_STATE_DECLINED;
  if (answered) moved.set_customer_word(surcharge.customer_word());
  moved.set_cause_id(surcharge.cause_id());
  tx.Emit(std::move(event));
}

template <typename HoldRequest>
Task HoldTask(absl::string_view kind, const Surcharge& surcharge, absl::Time due) {
  const std::string id = TaskIdOf(kind, surcharge.surcharge_id());
  HoldRequest request;
  request.mutable_command()->set_request_id(id);
  request.set_order_id(surcharge.order_id());
  request.set_hold(base::v1::HOLD_NAME_AWAITING_SURCHARGE);
  request.set_reference_id(surcharge.surcharge_id());
  return Task{id, std::string(kind), due, request.SerializeAsString()};
}

void ReleaseHold(const Surcharge& surcharge, Transaction& tx) {
  tx.Schedule(HoldTask<orders::v1::ReleaseHoldRequest>(kReleaseHoldTask, surcharge, tx.now()));
}

// A cause has one surcharge, found by it (PAY-01).
std::string IdFor(absl::string_view cause_id, Transaction& tx) {
  return cause_id.empty() ? tx.NewId("surcharge")
                          : MakeId("surcharge", tx.part(), absl::StrCat("cause/", cause_id));
}

Surcharge NewSurcharge(const payments::v1::ProposeSurchargeRequest& request, const Account& account,
                       const Policy& policy, Transaction& tx) {
  Surcharge surcharge;
  surcharge.set_surcharge_id(IdFor(request.cause_id(), tx));
  *surcharge.mutable_policy() = account.policy();
  surcharge.set_order_id(account.order_id());
  surcharge.set_merchant_id(account.merchant_id());
  surcharge.set_customer_id(account.customer_id());
  surcharge.set_state(base::v1::SURCHARGE_STATE_PROPOSED);
  surcharge.set_kind(request.kind());
  *surcharge.mutable_amount() = request.amount();
  surcharge.set_product(request.product());
  surcharge.set_automatic(!request.cause_id().empty());
  surcharge.set_cause_id(request.cause_id());
  surcharge.mutable_paid()->set_currency(account.currency());
  *surcharge.mutable_expire_time() =
      ToTimestamp(tx.policies().DaysOf(policy).EndOfDay(tx.now(), policy.surcharges().expires_after_days()));
  return surcharge;
}

// PROPOSED: its hold is asked for, and its time runs.
void PutProposed(Surcharge& surcharge, Account& account, Transaction& tx) {
  account.add_open_surcharge_ids(surcharge.surcharge_id());
  tx.Put(surcharge);
  tx.Put(account);
  EmitMoved(surcharge, account, Present(tx), tx);
  tx.Schedule(HoldTask<orders::v1::PlaceHoldRequest>(kPlaceHoldTask, surcharge, tx.now()));
  SetTimer(kSurchargeExpiry, surcharge.surcharge_id(), ToTime(surcharge.expire_time()), tx);
}

// → ISSUED, with the customer's invoice.
absl::Status Issue(Surcharge& surcharge, const Account& account, const Moment& moment, Transaction& tx,
                   Stay stay = Stay::kResting) {
  surcharge.set_state(base::v1::SURCHARGE_STATE_ISSUED);
  EmitMoved(surcharge, account, moment, tx, stay);
  return IssueDocument(account, base::v1::DOCUMENT_KIND_SURCHARGE_INVOICE, surcharge.amount().amount_minor(),
                       surcharge.surcharge_id(), moment, tx)
      .status();
}

absl::Status PayBack(const Surcharge& surcharge, int64_t amount_minor, Account& account, const Moment& moment,
                     Transaction& tx) {
  NewGrant grant;
  grant.case_id = surcharge.surcharge_id();
  grant.reason = base::v1::REFUND_REASON_SURCHARGE;
  grant.free_minor = amount_minor;
  return Grant(grant, account, moment, tx).status();
}

// It is sold: its invoice is the paper of it; every surcharge that is PAID has one. Until the order is
// delivered the money is held.
absl::Status Earn(const Surcharge& surcharge, Account& account, const Moment& moment, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::string invoice,
                   IssueDocument(account, base::v1::DOCUMENT_KIND_SURCHARGE_INVOICE,
                                 surcharge.amount().amount_minor(), surcharge.surcharge_id(), moment, tx));
  AddItem(surcharge, moment.time, account);
  if (!HasEnded(account)) return absl::OkStatus();
  return EntryBuilder(account.currency())
      .Debit(Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT, surcharge.amount().amount_minor())
      .Credit(Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE, surcharge.amount().amount_minor())
      .Post(account, invoice, moment, tx);
}

// Open → a final state: timer gone, hold released, money where it belongs. A hold that is not
// confirmed yet is released when it is; see HoldConfirmed.
absl::Status End(Surcharge& surcharge, base::v1::SurchargeState state, Account& account, const Moment& moment,
                 Transaction& tx) {
  surcharge.set_state(state);
  auto& open = *account.mutable_open_surcharge_ids();
  open.erase(std::remove(open.begin(), open.end(), surcharge.surcharge_id()), open.end());
  CancelTimer(kSurchargeExpiry, surcharge.surcharge_id(), tx);
  if (surcharge.visible()) ReleaseHold(surcharge, tx);
  EmitMoved(surcharge, account, moment, tx);
  return state == base::v1::SURCHARGE_STATE_PAID
             ? Earn(surcharge, account, moment, tx)
             : PayBack(surcharge, surcharge.paid().amount_minor(), account, moment, tx);
}

// All of it is in, and its hold is confirmed: paying says that the customer agrees (PAY-01), and asks nobody
// else.
absl::Status TakeAsPaid(Surcharge& surcharge, Account& account, const Moment& moment, Transaction& tx) {
  if (surcharge.state() == base::v1::SURCHARGE_STATE_PROPOSED) {
    surcharge.set_state(base::v1::SURCHARGE_STATE_APPROVED);
    EmitMoved(surcharge, account, moment, tx, Stay::kPassing);
  }
  if (surcharge.state() == base::v1::SURCHARGE_STATE_APPROVED) {
    RETURN_IF_ERROR(Issue(surcharge, account, moment, tx, Stay::kPassing));
  }
  return End(surcharge, base::v1::SURCHARGE_STATE_PAID, account, moment, tx);
}

// SYS-13: a refusal is an answer: on the surcharge, in the timeline and for Operations.
void NoteHoldRefusal(base::v1::CallKind call, const absl::Status& answer, Surcharge& surcharge,
                     Transaction& tx) {
  payments::v1::HoldRefusal& refusal = *surcharge.mutable_hold_refusal();
  refusal.set_call(call);
  refusal.set_rule_id(RuleOf(answer));
  absl::string_view reason = answer.message();
  absl::ConsumePrefix(&reason, absl::StrCat(refusal.rule_id(), ": "));
  refusal.set_reason(std::string(reason));
  *refusal.mutable_refuse_time() = ToTimestamp(tx.now());
  events::v1::Event event = EventAbout(surcharge, surcharge.surcharge_id());
  events::v1::CallRefused& told = *event.mutable_call_refused();
  told.set_call(call);
  told.set_rule_id(refusal.rule_id());
  told.set_reason(refusal.reason());
  tx.Emit(std::move(event));
}

absl::Status EndAndPut(Surcharge& surcharge, base::v1::SurchargeState state, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, LoadAccount(surcharge.order_id(), tx));
  RETURN_IF_ERROR(End(surcharge, state, account, Present(tx), tx));
  tx.Put(surcharge);
  tx.Put(account);
  return absl::OkStatus();
}

// Each open surcharge of which `ends(surcharge)` is true → VOIDED.
template <typename Ends>
absl::Status VoidOpen(const Ends& ends, Account& account, const Moment& moment, Transaction& tx) {
  const std::vector<std::string> open(account.open_surcharge_ids().begin(),
                                      account.open_surcharge_ids().end());
  for (const std::string& id : open) {
    ASSIGN_OR_RETURN(Surcharge surcharge, tx.Get<Surcharge>(id));
    if (!ends(surcharge)) continue;
    RETURN_IF_ERROR(End(surcharge, base::v1::SURCHARGE_STATE_VOIDED, account, moment, tx));
    tx.Put(surcharge);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSeen(const Surcharge& surcharge, const Actor& actor) {
  RETURN_IF_ERROR(CheckScope(actor, surcharge.merchant_id(), surcharge.customer_id(), "ROL-11"));
  if (actor.role() == base::v1::ROLE_CUSTOMER && !surcharge.visible()) {
    return NotFound(RecordTraits<Surcharge>::kKind, surcharge.surcharge_id());
  }
  return absl::OkStatus();
}

absl::StatusOr<Surcharge> ProposeSurcharge(const payments::v1::ProposeSurchargeRequest& request,
                                           const orders::v1::Order& order, Transaction& tx) {
  RETURN_IF_ERROR(CheckScope(tx.actor(), order.merchant_id(), order.customer_id(), "ROL-09"));
  ASSIGN_OR_RETURN(Account account, AccountOf(order, tx));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(account.policy()));
  RETURN_IF_ERROR(CheckProposal(request, *policy, account.currency()));
  if (!request.cause_id().empty()) {
    if (!IsOwnService(tx.actor())) {
      return InvalidFields({{"cause_id", "is named by the marketplace's own services alone"}});
    }
    ASSIGN_OR_RETURN(const std::optional<Surcharge> known, tx.Find<Surcharge>(IdFor(request.cause_id(), tx)));
    if (known.has_value()) return Exists({"surcharge", known->surcharge_id(), known->version()});
  }
  RETURN_IF_ERROR(CheckNotLeft(order, account));
  Surcharge surcharge = NewSurcharge(request, account, *policy, tx);
  PutProposed(surcharge, account, tx);
  return Shown(std::move(surcharge), tx);
}

absl::StatusOr<Surcharge> ApproveSurcharge(const payments::v1::ApproveSurchargeRequest& request,
                                           Transaction& tx) {
  ASSIGN_OR_RETURN(Surcharge surcharge, Begin(kApproveSurcharge, request.surcharge_id(), tx));
  RETURN_IF_ERROR(CheckCustomerWord(tx.actor(), request.customer_word()));
  surcharge.set_customer_word(request.customer_word());
  ASSIGN_OR_RETURN(const Account account, LoadAccount(surcharge.order_id(), tx));
  surcharge.set_state(base::v1::SURCHARGE_STATE_APPROVED);
  EmitMoved(surcharge, account, Present(tx), tx);
  if (surcharge.automatic()) RETURN_IF_ERROR(Issue(surcharge, account, Present(tx), tx));
  tx.Put(surcharge);
  return Shown(std::move(surcharge), tx);
}

absl::StatusOr<Surcharge> DeclineSurcharge(const payments::v1::DeclineSurchargeRequest& request,
                                           Transaction& tx) {
  ASSIGN_OR_RETURN(Surcharge surcharge, Begin(kDeclineSurcharge, request.surcharge_id(), tx));
  RETURN_IF_ERROR(CheckCustomerWord(tx.actor(), request.customer_word()));
  surcharge.set_customer_word(request.customer_word());
  RETURN_IF_ERROR(EndAndPut(surcharge, base::v1::SURCHARGE_STATE_DECLINED, tx));
  return Shown(std::move(surcharge), tx);
}

absl::StatusOr<Surcharge> IssueSurcharge(const payments::v1::IssueSurchargeRequest& request,
                                         Transaction& tx) {
  ASSIGN_OR_RETURN(Surcharge surcharge, Begin(kIssueSurcharge, request.surcharge_id(), tx));
  ASSIGN_OR_RETURN(const Account account, LoadAccount(surcharge.order_id(), tx));
  RETURN_IF_ERROR(Issue(surcharge, account, Present(tx), tx));
  tx.Put(surcharge);
  return Shown(std::move(surcharge), tx);
}

absl::StatusOr<Surcharge> VoidSurcharge(const payments::v1::VoidSurchargeRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Surcharge surcharge, Begin(kVoidSurcharge, request.surcharge_id(), tx));
  RETURN_IF_ERROR(EndAndPut(surcharge, base::v1::SURCHARGE_STATE_VOIDED, tx));
  return Shown(std::move(surcharge), tx);
}

absl::Status HoldConfirmed(absl::string_view surcharge_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Surcharge surcharge, tx.Get<Surcharge>(surcharge_id));
  if (!IsOpen(surcharge)) {
    ReleaseHold(surcharge, tx);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(Account account, LoadAccount(surcharge.order_id(), tx));
  surcharge.set_visible(true);
  if (IsPaidUp(surcharge)) {
    RETURN_IF_ERROR(TakeAsPaid(surcharge, account, Present(tx), tx));
  } else {
    EmitMoved(surcharge, account, Present(tx), tx);
  }
  tx.Put(surcharge);
  tx.Put(account);
  return absl::OkStatus();
}

absl::Status HoldRefused(absl::string_view surcharge_id, const absl::Status& answer, Transaction& tx) {
  ASSIGN_OR_RETURN(Surcharge surcharge, tx.Get<Surcharge>(surcharge_id));
  if (!IsOpen(surcharge)) return absl::OkStatus();
  NoteHoldRefusal(base::v1::CALL_KIND_PLACE_HOLD, answer, surcharge, tx);
  return EndAndPut(surcharge, base::v1::SURCHARGE_STATE_VOIDED, tx);
}

absl::Status ReleaseRefused(absl::string_view surcharge_id, const absl::Status& answer, Transaction& tx) {
  ASSIGN_OR_RETURN(Surcharge surcharge, tx.Get<Surcharge>(surcharge_id));
  NoteHoldRefusal(base::v1::CALL_KIND_RELEASE_HOLD, answer, surcharge, tx);
  tx.Put(surcharge);
  return absl::OkStatus();
}

absl::Status ExpireSurcharge(absl::string_view surcharge_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Surcharge surcharge, tx.Get<Surcharge>(surcharge_id));
  if (!IsOpen(surcharge) || tx.now() < ToTime(surcharge.expire_time())) return absl::OkStatus();
  return EndAndPut(surcharge, base::v1::SURCHARGE_STATE_EXPIRED, tx);
}

absl::Status PaySurcharge(Surcharge& surcharge, int64_t amount_minor, absl::string_view receipt_id,
                          Account& account, Transaction& tx) {
  const Moment moment = Present(tx);
  const bool open = IsOpen(surcharge);
  const bool ended_unpaid = !open && surcharge.state() != base::v1::SURCHARGE_STATE_PAID;
  const int64_t due = surcharge.amount().amount_minor() - surcharge.paid().amount_minor();
  const int64_t own = ended_unpaid ? amount_minor : std::min(amount_minor, due);
  EntryBuilder entry(account.currency());
  TakeInForSurcharge(own, amount_minor - own, entry);
  RETURN_IF_ERROR(entry.Post(account, receipt_id, moment, tx));
  if (ended_unpaid) return PayBack(surcharge, own, account, moment, tx);
  if (!open) return absl::OkStatus();
  surcharge.mutable_paid()->set_amount_minor(surcharge.paid().amount_minor() + own);
  if (IsPaidUp(surcharge) && surcharge.visible()) {
    RETURN_IF_ERROR(TakeAsPaid(surcharge, account, moment, tx));
  }
  tx.Put(surcharge);
  return absl::OkStatus();
}

absl::Status ProposeForAddress(const events::v1::Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, LoadAccount(event.order_id(), tx));
  ASSIGN_OR_RETURN(const std::optional<Surcharge> known, tx.Find<Surcharge>(IdFor(event.case_id(), tx)));
  if (known.has_value() || HasEnded(account)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(account.policy()));
  payments::v1::ProposeSurchargeRequest wanted;
  wanted.set_kind(base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
  *wanted.mutable_amount() = event.address_change_asked().difference();
  wanted.set_cause_id(event.case_id());
  Surcharge surcharge = NewSurcharge(wanted, account, *policy, tx);
  PutProposed(surcharge, account, tx);
  return absl::OkStatus();
}

absl::Status VoidOpenSurcharges(Account& account, const Moment& moment, Transaction& tx) {
  return VoidOpen([](const Surcharge&) { return true; }, account, moment, tx);
}

absl::Status VoidWhatTheWayCost(Account& account, const Moment& moment, Transaction& tx) {
  return VoidOpen(
      [](const Surcharge& surcharge) { return IsForTheWay(surcharge.kind()) && surcharge.visible(); },
      account, moment, tx);
}

void FillActions(Surcharge& surcharge, const Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<Surcharge>* kActions[] = {&kApproveSurcharge, &kDeclineSurcharge,
                                                          &kIssueSurcharge, &kVoidSurcharge};
  TellActions(kActions, surcharge, actor, now, policies);
  // What our services say to each other is not the customer's.
  if (actor.role() == base::v1::ROLE_CUSTOMER) surcharge.clear_hold_refusal();
}

}  // namespace makegood::rules
