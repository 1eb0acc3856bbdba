// The columns of tables. One row a kind of message.
#pragma once

namespace makegood::ctl {

// What a row of each kind of message shows; the first column is what it is called by. One with a question
// mark stands in tables where a row has it.
struct ShownColumns {
  const char* type;  // without "makegood."
  const char* paths;
};

inline constexpr ShownColumns kColumns[] = {
    {"orders.v1.Order", "order_id merchant_id customer_id state total create_time"},
    {"orders.v1.TimelineEntry", "time source event.case_id? event.actor? text"},
    {"orders.v1.OrderLine", "line_id sku quantity taken_off picked unit_price_minor vat_basis_points"},
    {"orders.v1.Work",
     "work_id due overdue? item.turn item.kind order_id item.amount assignee? put_off_until_time? done_time? "
     "command"},
    {"orders.v1.WorkVerdict", "work_id accepted rule_id? reason"},
    {"orders.v1.Hold", "name reference_id time"},
    {"orders.v1.Erasure", "order_id customer_id state obstacle create_time erase_time"},
    {"orders.v1.Figure", "rule_id name numerator denominator value_basis_points target_basis_points verdict"},
    {"incidents.v1.Incident", "incident_id order_id kind state due overdue? chosen? outcome?"},
    {"incidents.v1.OfferedOption", "option amount"},
    {"incidents.v1.IncidentUnits", "line_id quantity picked_sku"},
    {"incidents.v1.IncidentLogEntry", "time actor kind quantity"},
    {"deliveries.v1.Delivery", "order_id merchant_id state courier_id courier_task? due attempt_count"},
    {"deliveries.v1.Attempt",
     "number courier_id dispatch_time arrive_time contact_time coming end_time outcome cause"},
    {"deliveries.v1.Consent", "takers given_by customer_word time"},
    {"stores.v1.Offer", "sku merchant_id? state stock reserved owed? available low? stale? confirm_time"},
    {"stores.v1.StockChange", "sku old_stock stock reserved old_available available state low?"},
    {"claims.v1.Claim", "claim_id order_id kind state gross due refused_calls?"},
    {"claims.v1.Withdrawal", "withdrawal_id order_id state goods due refused_calls?"},
    {"claims.v1.Evidence", "evidence_id content_type size_bytes time erase_time?"},
    {"orders.v1.CorrectionCase", "correction_id order_id merchant_id state return_number create_time"},
    {"payments.v1.Payment", "payment_id order_id amount outcome destination reference rule_id? create_time"},
    {"payments.v1.RefundGrant", "grant_id order_id case_id? reason amount state"},
    {"payments.v1.Refund", "refund_id order_id reason amount state due"},
    {"payments.v1.CreditNote", "credit_note_id order_id state amount due"},
    {"payments.v1.Surcharge", "surcharge_id order_id kind amount state paid due"},
    {"payments.v1.LedgerEntry", "entry_id create_time document_id postings"},
    {"payments.v1.Posting", "account amount_minor"},
    {"payments.v1.Document", "document_id order_id kind amount subject_id create_time"},
    {"notifications.v1.ChatMessage", "create_time author text"},
    {"notifications.v1.Notice", "notice_id template_name recipient channel state due failure"},
    {"orders.v1.Drift", "order_id shop_status state rule_id reason"},
    {"connectors.v1.ReportVerdict",
     "line order_id status date_of_delivery delivered_time outcome field rule_id reason"},
    {"base.v1.Policy", "marketplace version display_name time_zone calendar currencies"},
    {"events.v1.SubscribeResponse", "event.time event.payload event.order_id event.case_id event.actor"},
    {"events.v1.Stuck", "stuck_id kind attempts time error"},
};

}  // namespace makegood::ctl
