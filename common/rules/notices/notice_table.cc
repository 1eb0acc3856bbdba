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

// Customers hear of a surcharge only when they see it (PAY-02), and of none that was paid before it was
// asked for but that it is paid (PAY-01).
bool SurchargeIs(const Event& event, base::v1::SurchargeState state) {
  return event.has_surcharge_moved() && event.surcharge_moved().state() == state;
}
bool SurchargeShown(const Event& event, base::v1::SurchargeState state) {
  return SurchargeIs(event, state) && event.surcharge_moved().visible() && !event.surcharge_moved().passing();
}

// AVL-03: something is asked of the customer.
bool AsksForOption(const Event& event) { return event.incident_opened().has_choice_due_time(); }

// What Operations are told of: not what the merchant puts right before anybody notices (AVL-02).
bool IsForOperations(base::v1::IncidentKind kind) {
  return kind == base::v1::INCIDENT_KIND_SHORT_PICK || kind == base::v1::INCIDENT_KIND_NO_STOCK ||
         kind == base::v1::INCIDENT_KIND_OVERSIZE || kind == base::v1::INCIDENT_KIND_OVERDUE;
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
    {"correction_numbered", kMerchant, By::kChat, kLater,
     [](const Event& e) { return e.has_correction_numbered(); }},

    // Incidents. What happens at once is told by what it comes to: an order that is cancelled (AVL-04).
    {"incident_opened", kCustomer, By::kCustomerChannels, kFirst, AsksForOption},
    {"incident_opened_operations", kOperations, By::kEmail, kFirst,
     [](const Event& e) {
       return IsForOperations(e.incident_opened().kind()) && !e.incident_opened().decided();
     }},
    {"incident_expedite", kMerchant, By::kChat, kFirst,
     [](const Event& e) { return e.incident_opened().source() == base::v1::INCIDENT_SOURCE_TIMER; }},
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
    {"call_refused", kOperations, By::kEmail, kLater, [](const Event& e) { return e.has_call_refused(); }},
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
