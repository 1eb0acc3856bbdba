// How the payments service keeps its records. Lists are ordered by when a record was made.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/payments/v1/payments.pb.h"

namespace makegood::rules {

template <>
struct RecordTraits<payments::v1::Account> {
  static constexpr absl::string_view kKind = "account";
  static std::string Id(const payments::v1::Account& account) { return account.order_id(); }
  static std::vector<base::v1::WorkItem> Waiting(const payments::v1::Account& account);
  static RecordColumns Columns(const payments::v1::Account& account) {
    return RecordColumns::ByKeyAlone(ToTime(account.create_time()));
  }
};

template <>
struct RecordTraits<payments::v1::Payment> {
  static constexpr absl::string_view kKind = "payment";
  static std::string Id(const payments::v1::Payment& payment) { return payment.payment_id(); }
  static RecordColumns Columns(const payments::v1::Payment& payment) {
    return {payment.order_id(), "", "", payments::v1::Payment::Outcome_Name(payment.outcome()),
            ToTime(payment.create_time())};
  }
};

template <>
struct RecordTraits<payments::v1::PaymentReference> {
  static constexpr absl::string_view kKind = "payment_reference";
  static std::string Id(const payments::v1::PaymentReference& reference) { return reference.reference_key(); }
  static RecordColumns Columns(const payments::v1::PaymentReference& reference) {
    return RecordColumns::ByKeyAlone(ToTime(reference.create_time()));
  }
};

template <>
struct RecordTraits<payments::v1::RefundGrant> {
  static constexpr absl::string_view kKind = "refund_grant";
  static std::string Id(const payments::v1::RefundGrant& grant) { return grant.grant_id(); }
  static RecordColumns Columns(const payments::v1::RefundGrant& grant) {
    return {grant.order_id(), grant.merchant_id(), grant.customer_id(),
            payments::v1::RefundGrant::State_Name(grant.state()), ToTime(grant.create_time())};
  }
};

template <>
struct RecordTraits<payments::v1::Refund> {
  static constexpr absl::string_view kKind = "refund";
  static std::string Id(const payments::v1::Refund& refund) { return refund.refund_id(); }
  static std::vector<base::v1::WorkItem> Waiting(const payments::v1::Refund& refund);
  static RecordColumns Columns(const payments::v1::Refund& refund) {
    const bool open = refund.state() != payments::v1::Refund::STATE_SETTLED;
    return {refund.order_id(),
            refund.merchant_id(),
            refund.customer_id(),
            payments::v1::Refund::State_Name(refund.state()),
            ToTime(refund.create_time()),
            open ? refund.policy().marketplace() : "",
            refund.has_due_time() ? ToTime(refund.due_time()) : absl::InfiniteFuture()};
  }
};

template <>
struct RecordTraits<payments::v1::CreditNote> {
  static constexpr absl::string_view kKind = "credit_note";
  static std::string Id(const payments::v1::CreditNote& note) { return note.credit_note_id(); }
  static std::vector<base::v1::WorkItem> Waiting(const payments::v1::CreditNote& note);
  static RecordColumns Columns(const payments::v1::CreditNote& note) {
    const bool open = note.state() == payments::v1::CreditNote::STATE_REQUESTED;
    return {note.order_id(),
            note.merchant_id(),
            note.customer_id(),
            payments::v1::CreditNote::State_Name(note.state()),
            ToTime(note.create_time()),
            open ? note.policy().marketplace() : "",
            ToTime(note.due_time())};
  }
};

// Until it is paid, or ends otherwise.
inline bool IsOpen(const payments::v1::Surcharge& surcharge) {
  return surcharge.state() == base::v1::SURCHARGE_STATE_PROPOSED ||
         surcharge.state() == base::v1::SURCHARGE_STATE_APPROVED ||
         surcharge.state() == base::v1::SURCHARGE_STATE_ISSUED;
}

template <>
struct RecordTraits<payments::v1::Surcharge> {
  static constexpr absl::string_view kKind = "surcharge";
  static std::string Id(const payments::v1::Surcharge& surcharge) { return surcharge.surcharge_id(); }
  static std::vector<base::v1::WorkItem> Waiting(const payments::v1::Surcharge& surcharge);
  static RecordColumns Columns(const payments::v1::Surcharge& surcharge) {
    return {surcharge.order_id(),
            surcharge.merchant_id(),
            surcharge.customer_id(),
            base::v1::SurchargeState_Name(surcharge.state()),
            ToTime(surcharge.create_time()),
            IsOpen(surcharge) ? surcharge.policy().marketplace() : "",
            ToTime(surcharge.expire_time())};
  }
};

template <>
struct RecordTraits<payments::v1::LedgerEntry> {
  static constexpr absl::string_view kKind = "ledger_entry";
  static std::string Id(const payments::v1::LedgerEntry& entry) { return entry.entry_id(); }
  static RecordColumns Columns(const payments::v1::LedgerEntry& entry) {
    return {entry.order_id(), "", "", "", ToTime(entry.create_time())};
  }
};

template <>
struct RecordTraits<payments::v1::Document> {
  static constexpr absl::string_view kKind = "document";
  static std::string Id(const payments::v1::Document& document) { return document.document_id(); }
  static RecordColumns Columns(const payments::v1::Document& document) {
    return {document.order_id(), "", "", "", ToTime(document.create_time())};
  }
};

}  // namespace makegood::rules
