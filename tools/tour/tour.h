// The tour: a season of orders, most of which go wrong, played through the public API against a server
// with a test clock. Every outcome is checked against what the rules promise as it is played.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "makegood/claims/v1/claims.pb.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/payments/v1/payments.pb.h"
#include "tools/makegoodctl/client/client.h"

namespace makegood::ctl {

// What every chapter is told with: calls, promises, the clock.
class Tour {
 public:
  // `folder` holds orders.csv, the shop's status files, photos and a video.
  Tour(Client& client, std::string folder) : client_(client), folder_(std::move(folder)) {}

  Client& client() { return client_; }
  std::string File(absl::string_view name) const;

  // A request with a request_id of its own.
  template <typename Request>
  Request New() {
    Request request;
    request.mutable_command()->set_request_id(NextRequestId());
    return request;
  }
  std::string NextRequestId() { return "tour-" + std::to_string(++requests_); }

  void Chapter(absl::string_view title);

  // Notes whether what was promised is so, and says it.
  void Promise(bool kept, absl::string_view what);
  void Accepted(const absl::Status& status, absl::string_view what);
  // Refused by that rule and no other.
  void Refused(const absl::Status& status, absl::string_view rule_id, absl::string_view what);

  // Moves the clock to an RFC 3339 time (seconds may be left out) and waits until all is settled.
  void MoveTo(absl::string_view time);
  // Waits until everything under way is settled.
  void Settle();

  // The order, claim… as Operations sees it now; an empty one, and a broken promise, where there is none.
  orders::v1::Order Order(const std::string& order_id);
  claims::v1::Claim Claim(const std::string& claim_id);
  payments::v1::Account Account(const std::string& order_id);
  std::vector<payments::v1::Refund> Refunds(const std::string& order_id);
  int NoticeCount(const std::string& order_id, absl::string_view template_name, base::v1::Channel channel);
  // How often an event of this kind stands in the order's history.
  int EventCount(const std::string& order_id, events::v1::Event::PayloadCase kind);

  // What happened to the order, line by line.
  void Story(const std::string& order_id);

  // The manual provider's word for every refund of the order that waits.
  void PayRefunds(const std::string& order_id);

  int kept() const { return kept_; }
  int broken() const { return static_cast<int>(broken_.size()); }
  const std::vector<std::string>& broken_promises() const { return broken_; }

 private:
  Client& client_;
  const std::string folder_;
  int requests_ = 0;
  int kept_ = 0;
  std::vector<std::string> broken_;
};

// The cast. Ids only: stories need no names.
base::v1::Actor Operations();
base::v1::Actor System();  // one of the marketplace's own services
base::v1::Actor CustomerOf(const orders::v1::Order& order);
base::v1::Actor EmployeeOf(const orders::v1::Order& order);
base::v1::Actor ManagerOf(const orders::v1::Order& order);
base::v1::Actor CourierOf(const orders::v1::Order& order);

// The chapters, in the order they are played.
void PlayOrders(Tour& tour);      // worked examples 1 to 4
void PlayDeliveries(Tour& tour);  // worked example 5, incomplete deliveries, withdrawal
void PlayStock(Tour& tour);       // the last units of an offer, and a restock
void PlaySurcharges(Tour& tour);  // worked example 7
void PlayDoors(Tour& tour);       // worked example 8, recalls, what was called delivered and was not
void PlayShipping(Tour& tour);    // what claims are made of afterwards
void PlayOverdue(Tour& tour);     // a silent supplier, interception
void PlayClaims(Tour& tour);      // worked example 6
void ConfirmStock(Tour& tour);    // figures that went stale
void ShowFigures(Tour& tour, const std::string& metrics_address);

// Ships an order by hand and delivers it the next moment the clock shows.
void Dispatch(Tour& tour, const std::string& order_id);
void Deliver(Tour& tour, const std::string& order_id);

// The claim's customer chooses how it is made good.
absl::Status Choose(Tour& tour, const claims::v1::Claim& claim, base::v1::ResolutionKind resolution);

// Whether the tour can be played, before anything is changed: its files are there, the server has a test
// clock and nobody's orders. NOT_FOUND names what is missing, UNIMPLEMENTED says that the clock cannot be
// moved, FAILED_PRECONDITION that the server is in use.
absl::Status CheckTour(Client& client, const std::string& folder);

// Plays everything; the exit code: 0 when every promise was kept.
int PlayTour(Client& client, const std::string& folder, const std::string& metrics_address);

}  // namespace makegood::ctl
