"use strict";
(function () {
  // A4 lying on its side less its margins, at 96 pixels an inch
  var PAPER = {width: 1000, height: 660};
  var SETTINGS = {displaylogo: false, responsive: true, displayModeBar: "hover"};
  var places = Array.prototype.slice.call(document.querySelectorAll(".chart"));
  // drawn anew in place of a new layout: a Sankey diagram would glide to it and be printed half way
  function draw(paper) {
    places.forEach(function (place) {
      var figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
      Plotly.purge(place);
      place.textContent = "";
      if (paper) {
        figure.layout.height = Math.min(figure.layout.height, paper.height);
        figure.layout.width = paper.width;
      } else {
        figure.layout.autosize = true;
      }
      place.style.height = figure.layout.height + "px";
      Plotly.newPlot(place, figure.data, figure.layout, SETTINGS);
    });
  }
  draw(null);
  window.addEventListener("beforeprint", function () { draw(PAPER); });
  window.addEventListener("afterprint", function () { draw(null); });
})();
