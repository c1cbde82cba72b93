"use strict";
(function () {
  // A4 upright less its margins: 186 mm at 96 pixels an inch
  var PAPER = 700;
  var SETTINGS = {displaylogo: false, responsive: true, displayModeBar: "hover"};
  var places = Array.prototype.slice.call(document.querySelectorAll(".chart"));
  places.forEach(function (place) {
    var figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    figure.layout.autosize = true;
    place.textContent = "";
    Plotly.newPlot(place, figure.data, figure.layout, SETTINGS);
  });
  window.addEventListener("beforeprint", function () {
    places.forEach(function (place) {
      place.style.width = PAPER + "px";
      Plotly.relayout(place, {width: PAPER, autosize: false});
    });
  });
  window.addEventListener("afterprint", function () {
    places.forEach(function (place) {
      place.style.width = "";
      Plotly.relayout(place, {width: null, autosize: true});
    });
  });
})();
