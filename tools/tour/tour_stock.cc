// Stock of a merchant's offers: the last units, an order that waits for more, a restock, figures that go
// stale.
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/tour/tour.h"
#include "tools/tour/tour_steps.h"

namespace makegood::ctl {
namespace {

using orders::v1::Order;
using stores::v1::Offer;
using IncidentsStub = incidents::v1::IncidentsService::Stub;
using StoresStub = stores::v1::StoresService::Stub;

constexpr char kLanternShop[] = "m-100";
constexpr char kLantern[] = "LANTERN";
constexpr auto kShortage = base::v1::HOLD_NAME_STOCK_SHORTAGE;

void TellLanterns(Tour& tour, int stock) {
  auto request = tour.New<stores::v1::SetStockRequest>();
  request.set_merchant_id(kLanternShop);
  request.set_marketplace("mall");
  stores::v1::StockItem& item = *request.add_items();
  item.set_sku(kLantern);
  item.set_stock(stock);
  Client& client = tour.client();
  const base::v1::Actor employee =
      MakeActor(base::v1::ROLE_STORE_EMPLOYEE, absl::StrCat("employee-", kLanternShop), kLanternShop);
  tour.Accepted(client.Call(employee, *client.stores, &StoresStub::SetStock, request).status(),
                absl::StrCat("the shop counts ", stock, " lanterns"));
  tour.Settle();
}

Offer Lanterns(Tour& tour) {
  stores::v1::GetOfferRequest request;
  request.set_merchant_id(kLanternShop);
  request.set_sku(kLantern);
  Client& client = tour.client();
  const auto offer = client.Call(Operations(), *client.stores, &StoresStub::GetOffer, request);
  if (!offer.ok()) tour.Accepted(offer.status(), "the offer can be read");
  return offer.value_or(Offer());
}

bool AreThere(const Offer& offer, int stock, int reserved, int available, Offer::State state) {
  return offer.stock() == stock && offer.reserved() == reserved && offer.available() == available &&
         offer.state() == state;
}

void OrderLanterns(Tour& tour, const std::string& order_id, int quantity) {
  orders::v1::NewOrder order =
      NewOrderOf(order_id, "mall", kLanternShop, kLantern, quantity, MakeAmount(44900, "CZK"), 2100);
  *order.mutable_delivery_fee() = MakeAmount(9900, "CZK");
  order.set_language("cs");
  TakeIn(tour, order);
}

void PickLanterns(Tour& tour, const std::string& order_id) {
  const Order order = tour.Order(order_id);
  auto request = tour.New<incidents::v1::RecordPickRequest>();
  request.set_order_id(order_id);
  incidents::v1::PickedUnits& picked = *request.add_units();
  picked.set_line_id("1");
  picked.set_quantity(order.lines(0).quantity());
  Client& client = tour.client();
  const auto result = client.Call(EmployeeOf(order), *client.incidents, &IncidentsStub::RecordPick, request);
  tour.Settle();
  tour.Promise(result.ok() && result->complete(), absl::StrCat("all of ", order_id, " is picked"));
}

void SellTheLast(Tour& tour) {
  tour.Chapter("9 September: the last two lanterns, and one more is wanted");
  tour.MoveTo("2026-09-09T13:00+02:00");
  TellLanterns(tour, 2);
  const Offer told = Lanterns(tour);
  tour.Promise(AreThere(told, 2, 0, 2, Offer::STATE_LISTED) && told.low(),
               "they are on offer, and low at 2 (AVL-01)");
  OrderLanterns(tour, "M-1018", 2);
  tour.Promise(AreThere(Lanterns(tour), 2, 2, 0, Offer::STATE_DELISTED),
               "both are promised to M-1018, and the offer is delisted at once (AVL-01)");
  OrderLanterns(tour, "M-1019", 1);
  tour.Promise(IsHeldBy(tour.Order("M-1019"), kShortage) && Lanterns(tour).owed() == 1,
               "M-1019 is one short and held (AVL-03)");
  tour.Promise(tour.NoticeCount("M-1019", "order_short_merchant", base::v1::CHANNEL_CHAT) == 1 &&
                   WorkCount(tour, base::v1::WORK_KIND_CONFIRM_STOCK, "M-1019") == 1,
               "its merchant is told, and it is among their work (WRK-01)");
  PickLanterns(tour, "M-1018");
  tour.Promise(AreThere(Lanterns(tour), 0, 0, 0, Offer::STATE_DELISTED),
               "what is picked is off the shelf, once (AVL-02)");
  Dispatch(tour, "M-1018");
  Client& client = tour.client();
  auto hand_over = tour.New<orders::v1::HandOverRequest>();
  hand_over.set_order_id("M-1019");
  tour.Refused(client
                   .Call(EmployeeOf(tour.Order("M-1019")), *client.orders,
                         &orders::v1::OrdersService::Stub::HandOver, hand_over)
                   .status(),
               "ORD-12", "handing over M-1019, of which there is nothing");
}

void Restock(Tour& tour) {
  tour.Chapter("9 September: more lanterns come");
  tour.MoveTo("2026-09-09T15:00+02:00");
  TellLanterns(tour, 5);
  tour.Promise(tour.Order("M-1019").holds().empty() &&
                   WorkCount(tour, base::v1::WORK_KIND_CONFIRM_STOCK, "M-1019") == 0,
               "the first of them is M-1019's, which is held no more (AVL-03)");
  tour.Promise(AreThere(Lanterns(tour), 5, 1, 4, Offer::STATE_LISTED),
               "4 are left, and on offer again by themselves (AVL-01)");
  PickLanterns(tour, "M-1019");
  Dispatch(tour, "M-1019");
  tour.MoveTo("2026-09-09T18:00+02:00");
  Deliver(tour, "M-1018");
  Deliver(tour, "M-1019");
  tour.Settle();
  tour.Promise(AreThere(Lanterns(tour), 4, 0, 4, Offer::STATE_LISTED), "4 lanterns are on the shelf");
  tour.Story("M-1019");
}

}  // namespace

void PlayStock(Tour& tour) {
  SellTheLast(tour);
  Restock(tour);
}

void ConfirmStock(Tour& tour) {
  tour.Chapter("20 November: nobody has counted the lanterns since");
  tour.Promise(Lanterns(tour).stale() && WorkCount(tour, base::v1::WORK_KIND_CONFIRM_STOCK) == 1,
               "their figure is stale, and the shop is reminded (AVL-01)");
  TellLanterns(tour, 4);
  tour.Promise(!Lanterns(tour).stale() && WorkCount(tour, base::v1::WORK_KIND_CONFIRM_STOCK) == 0,
               "the same figure confirms it, and the work is done");
}

}  // namespace makegood::ctl
