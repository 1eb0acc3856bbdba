// Reads of the payments service. Each checks that the record is within the caller's reach (ROL-11).
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/rules/policy/policy_book.h"
#include "common/store/store.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::services {

// On whose behalf and from what is read. Valid within one read.
struct Reading {
  const base::v1::Actor& actor;
  store::Reader& reader;
  const rules::PolicyBook& policies;
  uint32_t parts;
  absl::Time now;  // the domain's clock
};

// A list of payments is of an order, or of all for who reads all.
absl::StatusOr<payments::v1::Payment> GetPayment(const payments::v1::GetPaymentRequest& request,
                                                 const Reading& reading);
absl::StatusOr<payments::v1::ListPaymentsResponse> ListPayments(
    const payments::v1::ListPaymentsRequest& request, const Reading& reading);
absl::StatusOr<payments::v1::Account> GetAccount(const payments::v1::GetAccountRequest& request,
                                                 const Reading& reading);
absl::StatusOr<payments::v1::RefundGrant> GetRefundGrant(const payments::v1::GetRefundGrantRequest& request,
                                                         const Reading& reading);
absl::StatusOr<payments::v1::ListRefundGrantsResponse> ListRefundGrants(
    const payments::v1::ListRefundGrantsRequest& request, const Reading& reading);
absl::StatusOr<payments::v1::Refund> GetRefund(const payments::v1::GetRefundRequest& request,
                                               const Reading& reading);
absl::StatusOr<payments::v1::ListRefundsResponse> ListRefunds(const payments::v1::ListRefundsRequest& request,
                                                              const Reading& reading);
absl::StatusOr<payments::v1::CreditNote> GetCreditNote(const payments::v1::GetCreditNoteRequest& request,
                                                       const Reading& reading);
absl::StatusOr<payments::v1::ListCreditNotesResponse> ListCreditNotes(
    const payments::v1::ListCreditNotesRequest& request, const Reading& reading);
absl::StatusOr<payments::v1::Document> GetDocument(const payments::v1::GetDocumentRequest& request,
                                                   const Reading& reading);
absl::StatusOr<payments::v1::ListDocumentsResponse> ListDocuments(
    const payments::v1::ListDocumentsRequest& request, const Reading& reading);
absl::StatusOr<payments::v1::LedgerEntry> GetLedgerEntry(const payments::v1::GetLedgerEntryRequest& request,
                                                         const Reading& reading);
absl::StatusOr<payments::v1::ListLedgerEntriesResponse> ListLedgerEntries(
    const payments::v1::ListLedgerEntriesRequest& request, const Reading& reading);

// PAY-02: customers see a surcharge once it is visible.
absl::StatusOr<payments::v1::Surcharge> GetSurcharge(const payments::v1::GetSurchargeRequest& request,
                                                     const Reading& reading);
absl::StatusOr<payments::v1::ListSurchargesResponse> ListSurcharges(
    const payments::v1::ListSurchargesRequest& request, const Reading& reading);

// PAY-07, RFD-07: reads every entry, page by page.
absl::StatusOr<payments::v1::CheckLedgerResponse> CheckLedger(const payments::v1::CheckLedgerRequest& request,
                                                              const Reading& reading);

}  // namespace makegood::services
