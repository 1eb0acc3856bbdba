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

using payments::v1::Account;
using payments::v1::CreditNote;
using payments::v1::Document;
using payments::v1::LedgerEntry;
using payments::v1::Refund;
using payments::v1::RefundGrant;
using payments::v1::Surcharge;

constexpr char kReading[] = "ROL-11";
constexpr int kPage = 1'000;
constexpr int kMostBrokenTold = 1'000;
constexpr size_t kMostBytesAtOnce = 3 << 20;

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
                                M record;
                                if (!record.ParseFromString(stored.data))
                                  return absl::DataLossError("a stored record cannot be read");
                                RETURN_IF_ERROR(take(std::move(record)));
                              }
                              return absl::OkStatus();
                            });
}

// The same for an order that the caller may read. These lists have no pages: one that no client would take is
// refused in words.
template <typename M>
absl::Status ForEachOf(const std::string& order_id, const Reading& reading,
                       const std::function<absl::Status(M)>& take) {
  RETURN_IF_ERROR(GetReached<Account>(order_id, reading).status());
  store::ListQuery query;
  query.order_id = order_id;
  size_t bytes = 0;
  return ForEach<M>(std::move(query), reading, [&](M record) -> absl::Status {
    bytes += record.ByteSizeLong();
    if (bytes > kMostBytesAtOnce) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "order ", order_id, " has more of them than one reply takes, ", kMostBytesAtOnce, " bytes"));
    }
    return take(std::move(record));
  });
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

absl::StatusOr<Account> GetAccount(const payments::v1::GetAccountRequest& request, const Reading& reading) {
  ASSIGN_OR_RETURN(Account account, GetReached<Account>(request.order_id(), reading));
  return Shown(std::move(account), reading);
}

absl::StatusOr<RefundGrant> GetRefundGrant(const payments::v1::GetRefundGrantRequest& request,
                                           const Reading& reading) {
  ASSIGN_OR_RETURN(RefundGrant grant, GetReached<RefundGrant>(request.grant_id(), reading));
  return Shown(std::move(grant), reading);
}

absl::StatusOr<Refund> GetRefund(const payments::v1::GetRefundRequest& request, const Reading& reading) {
  ASSIGN_OR_RETURN(Refund refund, GetReached<Refund>(request.refund_id(), reading));
  return Shown(std::move(refund), reading);
}

absl::StatusOr<payments::v1::ListRefundsResponse> ListRefunds(const payments::v1::ListRefundsRequest& request,
                                                              const Reading& reading) {
  store::ListQuery query;
  query.order_id = request.order_id();
  query.merchant_id = request.merchant_id();
  query.customer_id = request.customer_id();
  rpc::SetFilters(request, reading.now, query);
  RETURN_IF_ERROR(rpc::LimitToOwn(reading.actor, query));
  payments::v1::ListRefundsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                   rpc::ListPage<Refund>(reading.reader, std::move(query), request,
                                         *response.mutable_refunds(), [&](Refund& refund) {
                                           refund = Shown(std::move(refund), reading);
                                           return absl::OkStatus();
                                         }));
  return response;
}

absl::StatusOr<CreditNote> GetCreditNote(const payments::v1::GetCreditNoteRequest& request,
                                         const Reading& reading) {
  ASSIGN_OR_RETURN(CreditNote note, GetReached<CreditNote>(request.credit_note_id(), reading));
  return Shown(std::move(note), reading);
}

absl::StatusOr<payments::v1::ListCreditNotesResponse> ListCreditNotes(
    const payments::v1::ListCreditNotesRequest& request, const Reading& reading) {
  payments::v1::ListCreditNotesResponse response;
  RETURN_IF_ERROR(ForEachOf<CreditNote>(request.order_id(), reading, [&](CreditNote note) {
    *response.add_credit_notes() = Shown(std::move(note), reading);
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<payments::v1::ListDocumentsResponse> ListDocuments(
    const payments::v1::ListDocumentsRequest& request, const Reading& reading) {
  payments::v1::ListDocumentsResponse response;
  RETURN_IF_ERROR(ForEachOf<Document>(request.order_id(), reading, [&](Document document) {
    // Between merchant and marketplace, so none of the customer's.
    const bool between_merchants = document.kind() == base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM ||
                                   document.kind() == base::v1::DOCUMENT_KIND_CREDIT_NOTE;
    if (reading.actor.role() != base::v1::ROLE_CUSTOMER || !between_merchants) {
      *response.add_documents() = std::move(document);
    }
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<payments::v1::ListLedgerEntriesResponse> ListLedgerEntries(
    const payments::v1::ListLedgerEntriesRequest& request, const Reading& reading) {
  payments::v1::ListLedgerEntriesResponse response;
  rules::Balances balances;
  RETURN_IF_ERROR(ForEachOf<LedgerEntry>(request.order_id(), reading, [&](LedgerEntry entry) {
    balances.Add(entry);
    *response.add_entries() = std::move(entry);
    return absl::OkStatus();
  }));
  balances.AppendTo(*response.mutable_balances());
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
  payments::v1::ListSurchargesResponse response;
  RETURN_IF_ERROR(ForEachOf<Surcharge>(request.order_id(), reading, [&](Surcharge surcharge) {
    if (rules::CheckSeen(surcharge, reading.actor).ok()) {
      *response.add_surcharges() = Shown(std::move(surcharge), reading);
    }
    return absl::OkStatus();
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
    if (!agrees && response.broken_order_ids_size() < kMostBrokenTold) {
      response.add_broken_order_ids(account.order_id());
    }
    if (rules::SomethingHangs(account) && response.hanging_order_ids_size() < kMostBrokenTold) {
      response.add_hanging_order_ids(account.order_id());
    }
    return absl::OkStatus();
  }));
  return response;
}

}  // namespace makegood::services
