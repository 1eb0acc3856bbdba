#include "common/rules/notices/notice_table.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace makegood::rules {
namespace {

using events::v1::DocumentIssued;
using events::v1::Event;
using notifications::v1::Notice;

constexpr Notice::Recipient kCustomer = Notice::RECIPIENT_CUSTOMER;
constexpr Notice::Recipient kMerchant = Notice::RECIPIENT_MERCHANT;
constexpr Notice::Recipient kOperations = Notice::RECIPIENT_OPERATIONS;
constexpr Notice::Recipient kRecipient = Notice::RECIPIENT_RECIPIENT;
constexpr bool kFirst = true;
constexpr bool kLater = false;

bool Unavailable(const Event& event) {
  return event.order_cancelled().reason() == base::v1::CANCEL_REASON_UNAVAILABLE;
}

// The merchant sends something: the missing goods or a replacement.
bool SendsGoods(const Event& event) {
  const base::v1::ResolutionKind kind = event.resolution_chosen().resolution();
  return kind == base::v1::RESOLUTION_KIND_RESHIP || kind == base::v1::RESOLUTION_KIND_REISSUE;
}

bool WindowMoved(const Event& event) { return event.claim_window_settled().moved(); }

bool CallRefused(const Event& event, base::v1::CallKind call) {
  return event.has_call_refused() && event.call_refused().call() == call;
}

// Customers hear of a surcharge only when they see it (PAY-02), and of none that was paid before it was
// asked for but that it is paid (PAY-01).
bool SurchargeIs(const Event& event, base::v1::SurchargeState state) {
  return event.has_surcharge_moved() && event.surcharge_moved().state() == state;
}
bool SurchargeShown(const Event& event, base::v1::SurchargeState state) {
  return SurchargeIs(event, state) && event.surcharge_moved().visible() && !event.surcharge_moved().passing();
}

// CLM-09: a wrong item is fetched from the customer.
bool WrongItemApproved(const Event& event) {
  return event.claim_approved().kind() == base::v1::CLAIM_KIND_WRONG;
}
bool CollectsWrongItems(const base::v1::Policy& policy) {
  return policy.claims().collect_wrong_within_hours() > 0;
}

// AVL-03: the merchant has less of it than was ordered. What a pick finds is told by its incident.
bool ArrivedShort(const Event& event) {
  return event.hold_placed().hold() == base::v1::HOLD_NAME_STOCK_SHORTAGE &&
         absl::StartsWith(event.hold_placed().reference_id(), "stock-");
}

// AVL-03: something is asked of the customer.
bool AsksForOption(const Event& event) { return event.incident_opened().has_choice_due_time(); }

// It is held, and somebody else than the customer says how it goes on; not what the merchant puts right
// before anybody notices (AVL-02), nor what has words of its own.
bool WaitsForOthers(const Event& event) {
  const events::v1::IncidentOpened& fact = event.incident_opened();
  const bool found =
      fact.source() == base::v1::INCIDENT_SOURCE_PICK || fact.source() == base::v1::INCIDENT_SOURCE_REPORT;
  return found && !fact.decided() && !fact.has_choice_due_time() &&
         fact.kind() != base::v1::INCIDENT_KIND_WRONG_PICK;
}

// What Operations are told of: not what the merchant puts right before anybody notices (AVL-02).
bool IsForOperations(base::v1::IncidentKind kind) {
  return kind == base::v1::INCIDENT_KIND_SHORT_PICK || kind == base::v1::INCIDENT_KIND_NO_STOCK ||
         kind == base::v1::INCIDENT_KIND_OVERSIZE || kind == base::v1::INCIDENT_KIND_OVERDUE ||
         kind == base::v1::INCIDENT_KIND_SUPPLIER_SILENT;
}

// AVL-07: the merchant hands it over at last, or says that it cannot.
bool AsksToExpedite(const Event& event) {
  return event.incident_opened().source() == base::v1::INCIDENT_SOURCE_TIMER &&
         event.incident_opened().kind() != base::v1::INCIDENT_KIND_SUPPLIER_SILENT;
}

// To expedite is asked for by a word of its own, once (AVL-07).
bool AsksSupplier(const Event& event) {
  return event.has_supplier_asked() && event.supplier_asked().task() != base::v1::SUPPLIER_TASK_KIND_EXPEDITE;
}

bool LeavesAgain(const Event& event) {
  return event.courier_dispatched().late_arrival() || event.courier_dispatched().attempt() > 1;
}

const NoticeRule kRules[] = {
    // Orders. AVL-04: one e-mail, which also tells about the money; see refund_granted_cancelled.
    {"order_cancelled_unavailable", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.has_order_cancelled() && Unavailable(e); }},
    {"order_cancelled", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.has_order_cancelled() && !Unavailable(e); }},
    {"order_shipped", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_order_shipped(); }},
    // The letter about a delivery is its invoice (ORD-04).
    {"order_delivered", kCustomer, By::kChat, kLater, [](const Event& e) { return e.has_order_delivered(); }},
    {"sales_invoice", kCustomer, By::kEmail, kLater,
     [](const Event& e) { return e.document_issued().kind() == base::v1::DOCUMENT_KIND_SALES_INVOICE; }},
    {"order_returned", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.has_order_returned(); }},
    {"correction_reported", kOperations, By::kEmail, kFirst,
     [](const Event& e) { return e.has_correction_reported(); }},
    {"units_taken_off_merchant", kMerchant, By::kChat, kFirst,
     // What cannot be had was told with what was chosen.
     [](const Event& e) {
       return e.has_units_taken_off() && e.units_taken_off().reason() != base::v1::REFUND_REASON_UNAVAILABLE;
     }},
    {"order_short", kCustomer, By::kCustomerChannels, kFirst, ArrivedShort},
    {"order_short_merchant", kMerchant, By::kChat, kFirst, ArrivedShort},
    {"correction_numbered", kMerchant, By::kChat, kLater,
     [](const Event& e) { return e.has_correction_numbered(); }},

    // Where they go. A farther address that waits to be paid for is told by its surcharge, and so is its end,
    // but where
    // that leaves the order without any.
    {"order_address_asked", kRecipient, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.address_asked().to_be_confirmed(); }},
    {"order_address_asked_operations", kOperations, By::kEmail, kFirst,
     [](const Event& e) { return e.has_address_asked() && !e.address_asked().to_be_confirmed(); }},
    {"order_address_unanswered_merchant", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.has_address_unanswered(); }},
    {"order_address_changed", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.has_address_changed() && !e.address_changed().confirmed(); }},
    {"order_address_changed_merchant", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.has_address_changed(); }},
    {"order_address_dropped", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.address_change_dropped().still_held(); }},
    {"order_address_dropped_merchant", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.address_change_dropped().still_held(); }},

    // Incidents. What happens at once is told by what it comes to: an order that is cancelled (AVL-04).
    {"incident_opened", kCustomer, By::kCustomerChannels, kFirst, AsksForOption},
    {"incident_waits", kCustomer, By::kCustomerChannels, kFirst, WaitsForOthers},
    {"incident_awaits_restock", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) {
       return e.incident_option_chosen().option() == base::v1::INCIDENT_OPTION_AWAIT_RESTOCK;
     }},
    {"incident_opened_operations", kOperations, By::kEmail, kFirst,
     [](const Event& e) {
       return IsForOperations(e.incident_opened().kind()) && !e.incident_opened().decided();
     }},
    {"incident_expedite", kMerchant, By::kChat, kFirst, AsksToExpedite},
    {"supplier_asked", kMerchant, By::kChat, kLater, AsksSupplier},
    {"incident_escalated", kOperations, By::kEmail, kLater,
     [](const Event& e) { return e.has_incident_escalated(); }},
    {"incident_chosen_merchant", kMerchant, By::kChat, kLater,
     [](const Event& e) { return e.has_incident_option_chosen(); }},
    {"incident_overdue_operations", kOperations, By::kEmail, kLater,
     [](const Event& e) { return e.has_incident_overdue(); }},
    {"incident_credited", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) {
       return e.incident_option_chosen().by_itself() &&
              e.incident_option_chosen().option() == base::v1::INCIDENT_OPTION_CREDIT_MISSING;
     }},
    {"incident_rectified", kCustomer, By::kChat, kLater,
     [](const Event& e) {
       return e.incident_closed().outcome() == base::v1::INCIDENT_OUTCOME_RECTIFIED &&
              IsForOperations(e.incident_closed().kind());
     }},

    // On the way. What becomes of a parcel that comes back is asked with its incident.
    {"delivery_courier_waits", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.has_courier_arrived(); }},
    {"delivery_called_back", kCustomer, By::kChat, kFirst,
     [](const Event& e) { return e.has_courier_called_back(); }},
    // DLV-05: of the recipient the delivery itself tells.
    {"delivery_handed_over", kCustomer, By::kChat, kLater,
     [](const Event& e) {
       return e.has_parcel_handed_over() && e.parcel_handed_over().taker() != base::v1::TAKER_RECIPIENT;
     }},
    {"delivery_interception_asked", kCustomer, By::kChat, kLater,
     [](const Event& e) { return e.has_interception_requested() && !e.interception_requested().refused(); }},
    {"delivery_interception_refused", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.interception_requested().refused(); }},
    {"delivery_interception_merchant", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.has_interception_requested() && !e.interception_requested().refused(); }},
    {"delivery_interception_ended", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_interception_ended(); }},
    {"delivery_customs_held_merchant", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.has_customs_held(); }},
    {"delivery_customs_held", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.has_customs_held(); }},
    {"delivery_customs_released", kCustomer, By::kChat, kLater,
     [](const Event& e) { return e.has_customs_released(); }},
    // ORD-07: apology, and word that the courier has left.
    {"delivery_not_arrived", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.has_not_arrived_reported(); }},
    {"delivery_not_arrived_merchant", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.has_not_arrived_reported(); }},
    // Of the first time the order tells that it is on its way.
    {"delivery_courier_left", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return LeavesAgain(e); }},
    {"delivery_arrived_late", kCustomer, By::kChat, kLater,
     [](const Event& e) { return e.has_arrival_recorded(); }},

    // Claims. One that is approved by policy is told so when it is opened, and not again.
    {"claim_opened_evidence", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.has_claim_opened() && e.claim_opened().awaits_evidence(); }},
    {"claim_opened_approved", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.has_claim_opened() && !e.claim_opened().awaits_evidence(); }},
    {"claim_opened_merchant", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.has_claim_opened(); }},
    {"claim_submitted", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_claim_submitted(); }},
    {"claim_submitted_operations", kOperations, By::kEmail, kLater,
     [](const Event& e) { return e.has_claim_submitted(); }},
    {"claim_appealed_operations", kOperations, By::kEmail, kLater,
     [](const Event& e) { return e.has_claim_appealed(); }},
    // CAL-03: whoever was told the dates before.
    {"claim_window_moved", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return WindowMoved(e) && e.claim_window_settled().announced(); }},
    {"claim_window_moved_operations", kOperations, By::kEmail, kLater, WindowMoved},
    {"claim_approved", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_claim_approved() && e.claim_approved().has_submitted_time(); }},
    {"claim_rejected", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_claim_rejected() && !e.claim_rejected().final(); }},
    {"claim_rejected_final", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_claim_rejected() && e.claim_rejected().final(); }},
    {"claim_lapsed", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_claim_lapsed(); }},
    {"claim_overdue", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_claim_overdue(); }},
    {"claim_overdue_operations", kOperations, By::kEmail, kLater,
     [](const Event& e) { return e.has_claim_overdue(); }},
    {"resolution_chosen", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_resolution_chosen(); }},
    {"reship_requested", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.has_resolution_chosen() && SendsGoods(e); }},
    {"goods_unavailable", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_goods_unavailable(); }},
    {"return_document_due_operations", kOperations, By::kEmail, kFirst,
     [](const Event& e) {
       return e.resolution_chosen().return_document_due() || e.goods_unavailable().return_document_due();
     }},
    {"goods_reshipped", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_goods_reshipped(); }},
    {"claim_collection", kCustomer, By::kCustomerChannels, kLater, WrongItemApproved, CollectsWrongItems},
    {"claim_collection_merchant", kMerchant, By::kChat, kFirst, WrongItemApproved, CollectsWrongItems},
    {"claim_collected", kCustomer, By::kChat, kLater,
     [](const Event& e) { return e.has_wrong_item_collected(); }},
    // What a withdrawal comes to was told when it was opened; its document is between Operations and
    // merchant.
    {"return_document_created", kCustomer, By::kChat, kLater,
     [](const Event& e) {
       return e.has_return_document_created() && !absl::StartsWith(e.case_id(), "wdr-");
     }},
    {"resolution_overdue", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_resolution_overdue(); }},
    {"resolution_overdue_operations", kOperations, By::kEmail, kLater,
     [](const Event& e) { return e.has_resolution_overdue(); }},
    {"resolution_due_moved_operations", kOperations, By::kEmail, kLater,
     [](const Event& e) { return e.resolution_due_settled().moved(); }},
    {"call_refused", kOperations, By::kEmail, kLater,
     [](const Event& e) { return CallRefused(e, base::v1::CALL_KIND_GRANT_REFUND); }},
    {"withdrawal_opened", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_withdrawal_opened(); }},
    {"withdrawal_opened_merchant", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.has_withdrawal_opened(); }},
    // RFD-05: its credit note waits for it, the customer does not.
    {"withdrawal_document_due_operations", kOperations, By::kEmail, kFirst,
     [](const Event& e) { return e.withdrawal_opened().return_document_due(); }},
    {"withdrawal_settled", kCustomer, By::kChat, kLater,
     [](const Event& e) { return e.has_withdrawal_settled(); }},
    {"withdrawal_closed", kCustomer, By::kChat, kLater,
     [](const Event& e) { return e.has_withdrawal_closed(); }},
    {"withdrawal_overdue_operations", kOperations, By::kEmail, kLater,
     [](const Event& e) { return e.has_withdrawal_overdue(); }},
    {"withdrawal_overdue_merchant", kMerchant, By::kChat, kLater,
     [](const Event& e) { return e.has_withdrawal_overdue() && e.withdrawal_overdue().awaits_goods(); }},

    // Money. A refund that waits for goods was announced with the withdrawal; of what is set off no money
    // comes
    // back (refund_set_off).
    {"refund_granted", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) {
       return e.has_refund_granted() && !e.refund_granted().awaits_goods() &&
              e.refund_granted().returned().amount_minor() > 0 &&
              e.refund_granted().reason() != base::v1::REFUND_REASON_CANCELLATION;
     }},
    {"refund_granted_cancelled", kCustomer, By::kChat, kLater,
     [](const Event& e) {
       return e.has_refund_granted() && !e.refund_granted().awaits_goods() &&
              e.refund_granted().reason() == base::v1::REFUND_REASON_CANCELLATION;
     }},
    {"refund_set_off", kCustomer, By::kChat, kLater,
     [](const Event& e) {
       return e.has_refund_grant_closed() && e.refund_grant_closed().set_off().amount_minor() > 0;
     }},
    {"refund_settled", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return e.has_refund_settled(); }},
    {"refund_failed", kOperations, By::kEmail, kFirst, [](const Event& e) { return e.has_refund_failed(); }},
    {"credit_note_requested", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.has_credit_note_requested(); }},
    {"credit_note_overdue_operations", kOperations, By::kEmail, kFirst,
     [](const Event& e) { return e.has_credit_note_overdue(); }},
    // PAY-05: who paid is told where to pay instead.
    {"payment_elsewhere", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return e.has_payment_recorded() && !e.payment_recorded().accepted(); }},
    {"compliance_incident", kOperations, By::kEmail, kFirst,
     [](const Event& e) { return e.has_compliance_incident_raised(); }},

    // Surcharges.
    {"surcharge_proposed", kCustomer, By::kCustomerChannels, kFirst,
     [](const Event& e) { return SurchargeShown(e, base::v1::SURCHARGE_STATE_PROPOSED); }},
    {"surcharge_issued", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return SurchargeShown(e, base::v1::SURCHARGE_STATE_ISSUED); }},
    {"surcharge_paid", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return SurchargeShown(e, base::v1::SURCHARGE_STATE_PAID); }},
    {"surcharge_paid_merchant", kMerchant, By::kChat, kLater,
     [](const Event& e) { return SurchargeIs(e, base::v1::SURCHARGE_STATE_PAID); }},
    {"surcharge_declined", kCustomer, By::kChat, kLater,
     [](const Event& e) { return SurchargeShown(e, base::v1::SURCHARGE_STATE_DECLINED); }},
    {"surcharge_declined_merchant", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return SurchargeIs(e, base::v1::SURCHARGE_STATE_DECLINED); }},
    {"surcharge_expired", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return SurchargeShown(e, base::v1::SURCHARGE_STATE_EXPIRED); }},
    {"surcharge_expired_merchant", kMerchant, By::kChat, kLater,
     [](const Event& e) { return SurchargeIs(e, base::v1::SURCHARGE_STATE_EXPIRED); }},
    {"surcharge_voided", kCustomer, By::kCustomerChannels, kLater,
     [](const Event& e) { return SurchargeShown(e, base::v1::SURCHARGE_STATE_VOIDED); }},
    {"surcharge_hold_refused_operations", kOperations, By::kEmail, kLater,
     [](const Event& e) { return CallRefused(e, base::v1::CALL_KIND_PLACE_HOLD); }},
    {"surcharge_release_refused_operations", kOperations, By::kEmail, kLater,
     [](const Event& e) { return CallRefused(e, base::v1::CALL_KIND_RELEASE_HOLD); }},
    {"surcharge_voided_merchant", kMerchant, By::kChat, kLater,
     [](const Event& e) { return SurchargeIs(e, base::v1::SURCHARGE_STATE_VOIDED); }},
};

}  // namespace

absl::Span<const NoticeRule> NoticeRules() { return kRules; }

std::vector<const NoticeRule*> NoticeRulesFor(const Event& event) {
  std::vector<const NoticeRule*> rules;
  for (const NoticeRule& rule : kRules) {
    if (rule.when(event)) rules.push_back(&rule);
  }
  return rules;
}

std::vector<base::v1::Channel> ChannelsOf(const NoticeRule& rule, const base::v1::Policy& policy) {
  if (rule.under != nullptr && !rule.under(policy)) return {};
  switch (rule.by) {
    case By::kChat:
      return {base::v1::CHANNEL_CHAT};
    case By::kEmail:
      return {base::v1::CHANNEL_EMAIL};
    case By::kCustomerChannels:
      break;
  }
  std::vector<base::v1::Channel> channels;
  for (const int channel : policy.notices().customer_channels()) {
    const auto one = static_cast<base::v1::Channel>(channel);
    if (std::find(channels.begin(), channels.end(), one) == channels.end()) channels.push_back(one);
  }
  return channels;
}

}  // namespace makegood::rules
