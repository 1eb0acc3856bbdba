#include "services/payments/payments_reads.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/pages.h"
#include "common/rpc/rpc.h"
#include "common/rules/payments/account.h"
#include "common/rules/payments/credit_note_rules.h"
#include "common/rules/payments/ledger.h"
#include "common/rules/payments/refund_rules.h"
#include "common/rules/payments/surcharge_rules.h"
#include "common/rules/scope.h"

namespace makegood::services {
namespace {

using base::v1::Actor;
using payments::v1::Account;
using payments::v1::CreditNote;
using payments::v1::Document;
using payments::v1::LedgerEntry;
using payments::v1::Payment;
using payments::v1::Refund;
using payments::v1::RefundGrant;
using payments::v1::Surcharge;

constexpr char kReading[] = "ROL-11";
constexpr int kPage = 1'000;
constexpr int kMostBrokenTold = 1'000;

template <typename M>
absl::StatusOr<M> GetById(const std::string& id, const Reading& reading) {
  return rpc::GetRecord<M>(reading.reader, PartOf(id, reading.parts), id);
}

template <typename M>
absl::StatusOr<M> GetReached(const std::string& id, const Reading& reading) {
  ASSIGN_OR_RETURN(M record, GetById<M>(id, reading));
  RETURN_IF_ERROR(rules::CheckScope(reading.actor, record.merchant_id(), record.customer_id(), kReading));
  return record;
}

// With what the reader may do with it.
template <typename M>
M Shown(M record, const Reading& reading) {
  rules::FillActions(record, reading.actor, reading.now, reading.policies);
  return record;
}

// Calls `take` for every record that the query finds, oldest first, page by page.
template <typename M>
absl::Status ForEach(store::ListQuery query, const Reading& reading,
                     const std::function<absl::Status(M)>& take) {
  query.kind = std::string(rules::RecordTraits<M>::kKind);
  query.order = store::ListOrder::kOldestFirst;
  query.limit = kPage;
  return store::ForEachPage(reading.reader, std::move(query),
                            [&](const store::RecordPage& page) -> absl::Status {
                              for (const rules::StoredRecord& stored : page.records) {
                                ASSIGN_OR_RETURN(M record, rules::Read<M>(stored));
                                RETURN_IF_ERROR(take(std::move(record)));
                              }
                              return absl::OkStatus();
                            });
}

// What is listed of whole orders, merchants and customers: the caller's own (ROL-11).
template <typename Request>
absl::StatusOr<store::ListQuery> OwnQuery(const Request& request, const Reading& reading) {
  store::ListQuery query;
  if constexpr (requires { request.due_before(); }) {
    RETURN_IF_ERROR(rpc::SetFilters(request, reading.now, query));
  } else {
    rpc::SetFilters(request, query);
  }
  RETURN_IF_ERROR(rpc::LimitToOwn(reading.actor, query));
  return query;
}

// Of what is kept by order alone, not by merchant and customer.
absl::Status CheckReadsAll(const Actor& actor) {
  if (rpc::ReadsAll(actor)) return absl::OkStatus();
  return Denied(kReading, "only those of an order of the caller's can be listed");
}

// What is listed by order alone: of one that the caller may read.
template <typename Request>
absl::StatusOr<store::ListQuery> OrderQuery(const Request& request, const Reading& reading) {
  RETURN_IF_ERROR(GetReached<Account>(request.order_id(), reading).status());
  store::ListQuery query;
  rpc::SetFilters(request, query);
  return query;
}

// A page of records with what the reader may do with each.
template <typename M, typename Request>
absl::StatusOr<std::string> ShowPage(
    store::ListQuery query, const Request& request, const Reading& reading,
    google::protobuf::RepeatedPtrField<M>& records,
    const std::function<bool(const M&)>& seen = [](const M&) { return true; }) {
  return rpc::ListPage<M>(
      reading.reader, std::move(query), request, records,
      [&](M& record) {
        record = Shown(std::move(record), reading);
        return absl::OkStatus();
      },
      seen);
}

// Papers between merchant and marketplace are none of the customer's.
bool IsSeen(const Document& document, const Actor& actor) {
  return actor.role() != base::v1::ROLE_CUSTOMER ||
         (document.kind() != base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM &&
          document.kind() != base::v1::DOCUMENT_KIND_CREDIT_NOTE);
}

// Whether the entry keeps the ledger's promises: it balances, and its document is there.
absl::StatusOr<bool> IsSound(const LedgerEntry& entry, const Reading& reading) {
  if (!rules::CheckEntry(entry).ok()) return false;
  const absl::StatusOr<Document> document = GetById<Document>(entry.document_id(), reading);
  if (absl::IsNotFound(document.status())) return false;
  RETURN_IF_ERROR(document.status());
  return document->order_id() == entry.order_id();
}

// PAY-11: the account's balances are what its entries come to.
absl::StatusOr<bool> AgreesWithEntries(const Account& account, const Reading& reading) {
  store::ListQuery query;
  query.order_id = account.order_id();
  rules::Balances sums;
  RETURN_IF_ERROR(ForEach<LedgerEntry>(std::move(query), reading, [&](const LedgerEntry& entry) {
    sums.Add(entry);
    return absl::OkStatus();
  }));
  google::protobuf::RepeatedPtrField<payments::v1::Posting> told;
  sums.AppendTo(told);
  return std::all_of(told.begin(), told.end(),
                     [&](const payments::v1::Posting& sum) {
                       return rules::BalanceOf(account, sum.account()) == sum.amount_minor();
                     }) &&
         told.size() == account.balances_size();
}

}  // namespace

// Whose a payment is its order's account knows.
absl::StatusOr<Payment> GetPayment(const payments::v1::GetPaymentRequest& request, const Reading& reading) {
  ASSIGN_OR_RETURN(Payment payment, GetById<Payment>(request.payment_id(), reading));
  RETURN_IF_ERROR(GetReached<Account>(payment.order_id(), reading).status());
  return payment;
}

absl::StatusOr<payments::v1::ListPaymentsResponse> ListPayments(
    const payments::v1::ListPaymentsRequest& request, const Reading& reading) {
  store::ListQuery query;
  if (request.order_id().empty()) {
    RETURN_IF_ERROR(CheckReadsAll(reading.actor));
    rpc::SetFilters(request, query);
  } else {
    ASSIGN_OR_RETURN(query, OrderQuery(request, reading));
  }
  for (const int outcome : request.outcomes()) query.groups.push_back(Payment::Outcome_Name(outcome));
  payments::v1::ListPaymentsResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      rpc::ListPage<Payment>(reading.reader, std::move(query), request, *response.mutable_payments()));
  return response;
}

absl::StatusOr<Account> GetAccount(const payments::v1::GetAccountRequest& request, const Reading& reading) {
  ASSIGN_OR_RETURN(Account account, GetReached<Account>(request.order_id(), reading));
  return Shown(std::move(account), reading);
}

absl::StatusOr<RefundGrant> GetRefundGrant(const payments::v1::GetRefundGrantRequest& request,
                                           const Reading& reading) {
  ASSIGN_OR_RETURN(RefundGrant grant, GetReached<RefundGrant>(request.grant_id(), reading));
  return Shown(std::move(grant), reading);
}

absl::StatusOr<payments::v1::ListRefundGrantsResponse> ListRefundGrants(
    const payments::v1::ListRefundGrantsRequest& request, const Reading& reading) {
  ASSIGN_OR_RETURN(store::ListQuery query, OwnQuery(request, reading));
  payments::v1::ListRefundGrantsResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      ShowPage<RefundGrant>(std::move(query), request, reading, *response.mutable_refund_grants()));
  return response;
}

absl::StatusOr<Refund> GetRefund(const payments::v1::GetRefundRequest& request, const Reading& reading) {
  ASSIGN_OR_RETURN(Refund refund, GetReached<Refund>(request.refund_id(), reading));
  return Shown(std::move(refund), reading);
}

absl::StatusOr<payments::v1::ListRefundsResponse> ListRefunds(const payments::v1::ListRefundsRequest& request,
                                                              const Reading& reading) {
  ASSIGN_OR_RETURN(store::ListQuery query, OwnQuery(request, reading));
  payments::v1::ListRefundsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                   ShowPage<Refund>(std::move(query), request, reading, *response.mutable_refunds()));
  return response;
}

absl::StatusOr<CreditNote> GetCreditNote(const payments::v1::GetCreditNoteRequest& request,
                                         const Reading& reading) {
  ASSIGN_OR_RETURN(CreditNote note, GetReached<CreditNote>(request.credit_note_id(), reading));
  return Shown(std::move(note), reading);
}

absl::StatusOr<payments::v1::ListCreditNotesResponse> ListCreditNotes(
    const payments::v1::ListCreditNotesRequest& request, const Reading& reading) {
  ASSIGN_OR_RETURN(store::ListQuery query, OwnQuery(request, reading));
  payments::v1::ListCreditNotesResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      ShowPage<CreditNote>(std::move(query), request, reading, *response.mutable_credit_notes()));
  return response;
}

absl::StatusOr<Document> GetDocument(const payments::v1::GetDocumentRequest& request,
                                     const Reading& reading) {
  ASSIGN_OR_RETURN(Document document, GetReached<Document>(request.document_id(), reading));
  if (!IsSeen(document, reading.actor)) return NotFound("document", request.document_id());
  return document;
}

absl::StatusOr<payments::v1::ListDocumentsResponse> ListDocuments(
    const payments::v1::ListDocumentsRequest& request, const Reading& reading) {
  ASSIGN_OR_RETURN(store::ListQuery query, OrderQuery(request, reading));
  query.order = store::ListOrder::kOldestFirst;
  const auto seen = [&](const Document& document) {
    const auto& kinds = request.kinds();
    return IsSeen(document, reading.actor) &&
           (kinds.empty() || std::find(kinds.begin(), kinds.end(), document.kind()) != kinds.end());
  };
  payments::v1::ListDocumentsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                   rpc::ListPage<Document>(
                       reading.reader, std::move(query), request, *response.mutable_documents(),
                       [](Document&) { return absl::OkStatus(); }, seen));
  return response;
}

absl::StatusOr<LedgerEntry> GetLedgerEntry(const payments::v1::GetLedgerEntryRequest& request,
                                           const Reading& reading) {
  ASSIGN_OR_RETURN(LedgerEntry entry, GetById<LedgerEntry>(request.entry_id(), reading));
  RETURN_IF_ERROR(rules::CheckScope(reading.actor, entry.merchant_id(), "", kReading));
  return entry;
}

absl::StatusOr<payments::v1::ListLedgerEntriesResponse> ListLedgerEntries(
    const payments::v1::ListLedgerEntriesRequest& request, const Reading& reading) {
  ASSIGN_OR_RETURN(const Account account, GetReached<Account>(request.order_id(), reading));
  ASSIGN_OR_RETURN(store::ListQuery query, OrderQuery(request, reading));
  query.order = store::ListOrder::kOldestFirst;
  payments::v1::ListLedgerEntriesResponse response;
  *response.mutable_balances() = account.balances();
  ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      rpc::ListPage<LedgerEntry>(reading.reader, std::move(query), request, *response.mutable_entries()));
  return response;
}

absl::StatusOr<Surcharge> GetSurcharge(const payments::v1::GetSurchargeRequest& request,
                                       const Reading& reading) {
  ASSIGN_OR_RETURN(Surcharge surcharge, GetById<Surcharge>(request.surcharge_id(), reading));
  RETURN_IF_ERROR(rules::CheckSeen(surcharge, reading.actor));
  return Shown(std::move(surcharge), reading);
}

absl::StatusOr<payments::v1::ListSurchargesResponse> ListSurcharges(
    const payments::v1::ListSurchargesRequest& request, const Reading& reading) {
  ASSIGN_OR_RETURN(store::ListQuery query, OwnQuery(request, reading));
  payments::v1::ListSurchargesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                   ShowPage<Surcharge>(std::move(query), request, reading, *response.mutable_surcharges(),
                                       [&](const Surcharge& surcharge) {
                                         return rules::CheckSeen(surcharge, reading.actor).ok();
                                       }));
  return response;
}

absl::StatusOr<payments::v1::CheckLedgerResponse> CheckLedger(const payments::v1::CheckLedgerRequest&,
                                                              const Reading& reading) {
  payments::v1::CheckLedgerResponse response;
  rules::Balances balances;
  RETURN_IF_ERROR(
      ForEach<LedgerEntry>(store::ListQuery(), reading, [&](const LedgerEntry& entry) -> absl::Status {
        response.set_entries(response.entries() + 1);
        balances.Add(entry);
        ASSIGN_OR_RETURN(const bool sound, IsSound(entry, reading));
        if (!sound && response.broken_entry_ids_size() < kMostBrokenTold) {
          response.add_broken_entry_ids(entry.entry_id());
        }
        return absl::OkStatus();
      }));
  balances.AppendTo(*response.mutable_balances());
  RETURN_IF_ERROR(ForEach<Account>(store::ListQuery(), reading, [&](const Account& account) -> absl::Status {
    ASSIGN_OR_RETURN(const bool agrees, AgreesWithEntries(account, reading));
    const auto tell = [&](bool is_so, auto& order_ids) {
      if (is_so && order_ids.size() < kMostBrokenTold) *order_ids.Add() = account.order_id();
    };
    tell(!agrees, *response.mutable_broken_order_ids());
    tell(rules::SomethingHangs(account), *response.mutable_hanging_order_ids());
    tell(rules::AwaitsDocument(account), *response.mutable_awaiting_document_order_ids());
    return absl::OkStatus();
  }));
  return response;
}

}  // namespace makegood::services
